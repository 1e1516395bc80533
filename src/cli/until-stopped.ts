/**
 * Is aborted by the first signal that asks the process to end. Later ones change nothing: npm passes on what the terminal
 * has sent already.
 */
export function untilStopped(): AbortController {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  return stopping;
}
