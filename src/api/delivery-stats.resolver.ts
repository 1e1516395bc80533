import { Arg, Ctx, Field, FieldResolver, Float, Int, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql';
import {
  readSeries,
  readTotals,
  StatsInterval,
  StatsWindow,
  successRate,
  WINDOW_MS,
} from '../endpoints/delivery-stats.js';
import { DateTimeScalar } from '../scalars.js';
import type { ApiContext } from './context.js';

registerEnumType(StatsWindow, {
  name: 'StatsWindow',
  description: 'How far back statistics reach, to within five minutes.',
  valuesConfig: {
    LAST_HOUR: { description: 'The last hour.' },
    LAST_24_HOURS: { description: 'The last 24 hours.' },
    LAST_7_DAYS: { description: 'The last 7 days.' },
    LAST_30_DAYS: { description: 'The last 30 days.' },
  },
});

registerEnumType(StatsInterval, {
  name: 'StatsInterval',
  description: 'How wide the points of a series are.',
  valuesConfig: { HOUR: { description: 'An hour.' }, DAY: { description: 'A day, in UTC.' } },
});

@ObjectType({ description: 'How many deliveries ended, and how, in a span of time.' })
export class DeliveryStatsPoint {
  @Field(() => DateTimeScalar, { description: 'When the span begins.' })
  at: Date;

  @Field(() => Int, { description: 'Deliveries that succeeded in it.' })
  succeeded: number;

  @Field(() => Int, { description: 'Deliveries that failed in it.' })
  failed: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'The mean response time of scheduled and manual attempts in it, in milliseconds; null when none was answered.',
  })
  averageResponseTimeMs: number | null;
}

@ObjectType({
  description:
    'How deliveries ended, by the time of their end, test events left out. A retry that turns a failure into a success moves the count.',
})
export class DeliveryStats {
  endpointId: string;
  since: Date;

  @Field(() => Int, { description: 'Deliveries that succeeded.' })
  succeeded: number;

  @Field(() => Int, { description: 'Deliveries that failed: whose retries are used up.' })
  failed: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'The mean response time of scheduled and manual attempts, in milliseconds; null when none was answered.',
  })
  averageResponseTimeMs: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'The response time that 95 % of those attempts did not exceed, within a tenth; null when none was answered.',
  })
  p95ResponseTimeMs: number | null;

  @Field(() => Int, { description: 'Both together.' })
  get total(): number {
    return this.succeeded + this.failed;
  }

  @Field(() => Float, { nullable: true, description: 'The share that succeeded, 0 to 1; null when none ended.' })
  get successRate(): number | null {
    return successRate(this);
  }

  static async read(
    { accountId, services: { database, clock } }: ApiContext,
    endpointId: string,
    window: StatsWindow,
  ): Promise<DeliveryStats> {
    const since = new Date(clock.now() - WINDOW_MS[window]);
    const totals = await readTotals(database, accountId, endpointId, since);
    return Object.assign(new DeliveryStats(), totals, { since });
  }
}

@Resolver(() => DeliveryStats)
export class DeliveryStatsResolver {
  @FieldResolver(() => [DeliveryStatsPoint], {
    description:
      'A point for every interval, oldest first, empty ones included; aligned to UTC, so the ends may be partial.',
  })
  series(
    @Root() { endpointId, since }: DeliveryStats,
    @Arg('interval', () => StatsInterval, { defaultValue: StatsInterval.HOUR, description: 'How wide the points are.' })
    interval: StatsInterval,
    @Ctx() { accountId, services: { database, clock } }: ApiContext,
  ): Promise<DeliveryStatsPoint[]> {
    return readSeries(database, accountId, endpointId, { since, now: new Date(clock.now()), interval });
  }
}
