import type { ChangeFeed } from '../live/change-feed.js';
import type { Metrics } from '../metrics.js';

/** Adds who follows what happens, and how live that is. */
export function watchLive(
  metrics: Metrics,
  { feed, sockets }: { feed: ChangeFeed; sockets: { readonly socketCount: number } },
): void {
  metrics.gauge({ name: 'webhooks_sockets', help: 'WebSocket clients connected to this process.' }, (set) =>
    set(sockets.socketCount),
  );
  metrics.gauge({ name: 'webhooks_subscriptions', help: 'Subscriptions that this process tells of changes.' }, (set) =>
    set(feed.listenerCount),
  );
  metrics.gauge(
    {
      name: 'webhooks_feed_lag_seconds',
      help: 'How old what subscriptions know is: about a second at rest; 0 without subscriptions.',
    },
    (set) => set(feed.lagMs / 1_000),
  );
}
