import { type ClientReadableStream, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { ServiceChannel } from './service-channel.ts';

export type FollowedStream<Message> = {
  readonly channel: ServiceChannel;
  /** Such as `/grpc.health.v1.Health/Watch`. */
  readonly path: string;
  readonly request: Buffer;
  readonly decode: (bytes: Buffer) => Message;
  readonly onMessage: (message: Message) => void;
  /** The stream ended, and is opened again soon. */
  readonly onLost: (cause: ServiceError | undefined) => void;
};

const AGAIN_MS_MIN = 100;
const AGAIN_MS_MAX = 2_000;

/** Reads a stream that is meant never to end, and opens it again whenever it does. What is returned ends it. */
export function followStream<Message>(followed: FollowedStream<Message>): () => void {
  let isStopped = false;
  let stream: ClientReadableStream<Message> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let againMs = AGAIN_MS_MIN;

  const open = (): void => {
    const { channel, path, request, decode } = followed;
    stream = channel.client.makeServerStreamRequest(path, asIs, decode, request, new Metadata(), {});
    let isOver = false;
    const lost = (cause: ServiceError | undefined): void => {
      if (isOver || isStopped) return;
      isOver = true;
      followed.onLost(cause);
      timer = setTimeout(open, againMs);
      timer.unref();
      againMs = Math.min(againMs * 2, AGAIN_MS_MAX);
    };
    stream.on('data', (message: Message) => {
      againMs = AGAIN_MS_MIN;
      if (!isStopped) followed.onMessage(message);
    });
    stream.on('error', lost);
    stream.on('end', () => lost(undefined));
  };
  open();

  return () => {
    isStopped = true;
    clearTimeout(timer);
    stream?.cancel();
  };
}

const asIs = (bytes: Buffer): Buffer => bytes;
