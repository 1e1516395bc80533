import type { Result } from './harness/result.js';
import type { Rig } from './harness/rig.js';

export interface ScenarioOptions {
  rig: Rig;
  /** How often to measure; medians are of so many runs. */
  runs: number;
  /** Says what is going on, for whoever waits. */
  tell: (message: string) => void;
}

/** One question about speed, and the way to its answer. */
export interface Scenario {
  /** As on the command line. */
  name: string;
  /** What is asked, in a sentence. */
  about: string;
  /** Of PostgreSQL, for what cannot be measured without. */
  settings?: Readonly<Record<string, string>>;
  measure(options: ScenarioOptions): Promise<Result[]>;
}
