import type { Config } from '../config/config.js';
import type { Database } from '../storage/database.js';

/** How much a finding matters. */
export type Verdict =
  /** As it should be. */
  | 'ok'
  /** The service works; somebody should look at this all the same. */
  | 'warning'
  /** The service does not work, or will not for long. */
  | 'fault';

/** What somebody who looked found. */
export interface Finding {
  readonly verdict: Verdict;
  /** What is the case. Never a secret. */
  readonly says: string;
  /** What to do; with warnings and faults. */
  readonly advice?: string;
}

/** What checks of the database work with. */
export interface Patient {
  config: Config;
  database: Database;
}

export interface Check {
  /** What is looked at, in a word or two. */
  readonly about: string;
  look(patient: Patient): Promise<Finding>;
}

export function ok(says: string): Finding {
  return { verdict: 'ok', says };
}

export function warning(says: string, advice: string): Finding {
  return { verdict: 'warning', says, advice };
}

export function fault(says: string, advice: string): Finding {
  return { verdict: 'fault', says, advice };
}
