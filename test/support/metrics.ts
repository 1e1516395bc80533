/** Samples by name and labels, such as `webhooks_attempts_total{outcome="SUCCEEDED",trigger="SCHEDULED"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Asks a process for its metrics, as Prometheus does. */
export async function scrape(url: string): Promise<Samples> {
  const text = await (await fetch(url)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      const value = line.slice(space + 1);
      return [line.slice(0, space), value === 'NaN' || value === 'Nan' ? Number.NaN : Number(value)];
    }),
  );
}
