const LOOK_EVERY_MS = 20;

/**
 * Waits until `look` answers something true, and answers that. Fails with what it saw last once `timeoutMs` are over.
 */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | false | null | undefined>,
  timeoutMs = 15_000,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`${what}: not so within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
