import type { ChannelOptions } from '@grpc/grpc-js';

/** Messages a service may send: a page of a list, a batch of an export. A larger one is the service's fault. */
export const RECEIVED_MESSAGE_BYTES_MAX = 16_777_216;
/** Messages we send: a request's fields, whose body is bounded by 3 MiB. */
export const SENT_MESSAGE_BYTES_MAX = 4_194_304;

/**
 * How channels behave. All addresses of a target share the load; a peer that died without a word is found out in
 * 40 s at most; a name is looked up again, once a second at most, whenever a connection ends or is refused, so a
 * service that moves is followed when it closes its connections (as it does when it stops, and when they grow old).
 *
 * grpc-js repeats only calls that the service has surely not seen, of any kind; the rest is ours to decide.
 */
export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  // TXT records of the name's zone must not say how we call.
  'grpc.service_config_disable_resolution': 1,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': RECEIVED_MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': SENT_MESSAGE_BYTES_MAX,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  // It keeps a record of every call.
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
};
