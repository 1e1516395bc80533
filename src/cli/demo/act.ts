import type { Stage } from './stage.js';

/** A part of the demonstration. */
export interface Act {
  /** What is to be seen, in a line. */
  readonly heading: string;
  /** Shows it, and checks each thing that it says. */
  play(stage: Stage): Promise<void>;
}
