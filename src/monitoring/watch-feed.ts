import type { ChangeFeed } from '../live/change-feed.js';
import type { Metrics } from '../metrics.js';

/** Adds how live the live updates are. */
export function watchFeed(metrics: Metrics, feed: ChangeFeed): void {
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
