/** Measures so many times, one after the other. */
export async function repeat<Value>(
  { runs, tell }: { runs: number; tell: (message: string) => void },
  what: string,
  measure: () => Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  for (let run = 1; run <= runs; run += 1) {
    tell(`${what}: ${run} of ${runs}`);
    values.push(await measure());
  }
  return values;
}
