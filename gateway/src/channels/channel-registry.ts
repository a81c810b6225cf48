import { createServiceChannel, type ServiceChannel } from './service-channel.ts';

/** Channels by target: carve-outs at the same address share one. */
export type ChannelRegistry = {
  to(target: string): ServiceChannel;
  /** Ends all of them. Calls still under way go on to their end; new ones fail. */
  close(): void;
};

export function createChannelRegistry(now: () => number): ChannelRegistry {
  const channels = new Map<string, ServiceChannel>();
  return {
    to: (target) => {
      const found = channels.get(target) ?? createServiceChannel(target, now);
      channels.set(target, found);
      return found;
    },
    close: () => {
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}
