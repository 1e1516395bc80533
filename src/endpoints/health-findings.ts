import type { EndpointKey } from './endpoint-key.js';
import type { Settlement } from './settlement.js';

/** What a run of attempts says about an endpoint, the earlier ones before a success left out. */
export interface Findings extends EndpointKey {
  hasSucceeded: boolean;
  /** Whether a success, and a failure since the last success, was of anything but a notification. */
  isSuccessTold: boolean;
  isFailureTold: boolean;
  failuresSince: number;
  failingSince: Date | null;
  lastFailedAt: Date | null;
  exhaustedAt: Date | null;
}

/** One finding for each endpoint, from attempts in the order in which they finished. */
export function gatherFindings(settlements: readonly Settlement[]): Findings[] {
  const findings = new Map<string, Findings>();
  for (const settlement of settlements) {
    const { accountId, endpointId, succeeded, startedAt, finishedAt, completed } = settlement;
    const isTold = !settlement.isNotification;
    const none = { accountId, endpointId, failuresSince: 0, failingSince: null, lastFailedAt: null, exhaustedAt: null };
    const before = findings.get(endpointId) ?? {
      ...none,
      hasSucceeded: false,
      isSuccessTold: false,
      isFailureTold: false,
    };
    findings.set(
      endpointId,
      succeeded
        ? { ...none, hasSucceeded: true, isSuccessTold: before.isSuccessTold || isTold, isFailureTold: false }
        : {
            ...before,
            isFailureTold: before.isFailureTold || isTold,
            failuresSince: before.failuresSince + 1,
            failingSince: before.failingSince ?? startedAt,
            lastFailedAt: finishedAt,
            exhaustedAt: completed ? finishedAt : before.exhaustedAt,
          },
    );
  }
  return [...findings.values()];
}
