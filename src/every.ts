/** A task that is done again and again until it is stopped. */
export interface Repeated {
  /** Does it no more, and resolves once it is not being done. */
  stop(): Promise<void>;
}

/**
 * Does `task` so many milliseconds after it was done last, never twice at once. What it rejects with is told to
 * `onError`; it is done again all the same.
 */
export function every(intervalMs: number, task: () => Promise<void>, onError: (error: unknown) => void): Repeated {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const schedule = () => {
    if (!isStopped) timer = setTimeout(run, intervalMs);
  };
  const run = () => {
    running = task().catch(onError).then(schedule);
  };
  schedule();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
