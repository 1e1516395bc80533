import { Foundation1795392000000 } from './1795392000000-foundation.js';

/** Every migration, oldest first. */
export const migrations = [Foundation1795392000000];
