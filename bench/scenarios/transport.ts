import { sendBare } from '../harness/bare.js';
import { POSTERS, type PosterName } from '../harness/posters.js';
import { repeat } from '../harness/repeat.js';
import type { Result } from '../harness/result.js';
import type { Scenario } from '../scenario.js';

const COUNT = 20_000;
const WARM_UP = 5_000;

export const transport: Scenario = {
  name: 'transport',
  about: `Requests alone, 64 in flight to one endpoint, behind the seam by which the dispatcher sends: ${COUNT} of 1 KB.`,
  async measure(options) {
    const names = Object.keys(POSTERS) as PosterName[];
    // All of them in each run, so that whatever else the machine does meets them alike.
    const runs = await repeat(options, 'transport', async () => {
      const sent = new Map<PosterName, Awaited<ReturnType<typeof sendBare>>>();
      for (const poster of names) {
        const load = { poster, endpoints: 1, count: COUNT, warmUp: WARM_UP };
        sent.set(poster, await sendBare(options.rig.receiver, load));
      }
      return sent;
    });
    return names.flatMap((name): Result[] => {
      const of = (key: 'perSecond' | 'cpuPerThousand', poster = name) => runs.map((run) => run.get(poster)![key]);
      return [
        { what: name, unit: '/s', runs: of('perSecond'), ceiling: { what: 'undici', runs: of('perSecond', 'undici') } },
        { what: `${name}: CPU`, unit: 's per 1,000', runs: of('cpuPerThousand') },
      ];
    });
  },
};
