import { readdirSync, readFileSync } from 'node:fs';

/** What a process, with the children it has now or has had, has used so far. */
export interface Usage {
  /** CPU time, of the user and of the system, in seconds. */
  cpuSeconds: number;
  /** Memory that is the process's alone, in bytes; of PostgreSQL what is shared is counted once. */
  memoryBytes: number;
}

/** A hundredth of a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Reads it from `/proc`: Linux only. */
export function usageOf(pid: number): Usage {
  const pids = [pid, ...childrenOf(pid)];
  // Children that have ended are in the sums of their parent.
  const ticks = pids.flatMap((one) => statOf(one)?.slice(13, 17).map(Number) ?? []);
  return {
    cpuSeconds: ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND,
    memoryBytes: pids.reduce((sum, one) => sum + residentBytesOf(one, 'Anon'), residentBytesOf(pid, 'Shmem')),
  };
}

/** What was used between two readings. */
export function cpuSecondsBetween(before: Usage, after: Usage): number {
  return after.cpuSeconds - before.cpuSeconds;
}

function childrenOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((one) => statOf(Number(one))?.[3] === String(pid)).map(Number);
}

/** The fields of `proc(5)`'s `stat`, numbered from 0; undefined when the process is gone. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may have spaces.
    return [String(pid), '', ...text.slice(text.lastIndexOf(')') + 2).split(' ')];
  } catch {
    return undefined;
  }
}

function residentBytesOf(pid: number, kind: 'Anon' | 'Shmem'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^Rss${kind}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
