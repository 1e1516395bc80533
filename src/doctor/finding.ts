import type { Config } from '../config.js';
import type { Database } from '../storage/database.js';

/** How much a finding matters. */
export type Verdict =
  /** As it should be. */
  | 'ok'
  /** The service works; somebody should look at this all the same. */
  | 'warning'
  /** The service does not work, or will not for long. */
  | 'fault';

/** What one check found. */
export interface Finding {
  verdict: Verdict;
  /** What was looked at, in a word or two. */
  about: string;
  /** What is the case. Never a secret. */
  says: string;
  /** What to do; with warnings and faults. */
  advice?: string;
}

/** What checks of the database work with. */
export interface Patient {
  config: Config;
  database: Database;
}

export type Check = (patient: Patient) => Promise<Finding>;

export function ok(about: string, says: string): Finding {
  return { verdict: 'ok', about, says };
}

export function warning(about: string, says: string, advice: string): Finding {
  return { verdict: 'warning', about, says, advice };
}

export function fault(about: string, says: string, advice: string): Finding {
  return { verdict: 'fault', about, says, advice };
}
