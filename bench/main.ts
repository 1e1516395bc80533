import { parseArgs } from 'node:util';
import { describeMachine, type Outcome, toTable } from './harness/report.js';
import { judge } from './harness/result.js';
import { Rig } from './harness/rig.js';
import { backlog } from './scenarios/backlog.js';
import { drain } from './scenarios/drain.js';
import { fanOut } from './scenarios/fan-out.js';
import { growth } from './scenarios/growth.js';
import { isolation } from './scenarios/isolation.js';
import { latency } from './scenarios/latency.js';
import { feed, live } from './scenarios/live.js';
import { publish } from './scenarios/publish.js';
import { scaleOut } from './scenarios/scale-out.js';
import { storage } from './scenarios/storage.js';
import { transport } from './scenarios/transport.js';

const SCENARIOS = [
  drain,
  transport,
  publish,
  latency,
  isolation,
  fanOut,
  feed,
  live,
  growth,
  backlog,
  scaleOut,
  storage,
];

const USAGE = `npm run bench [-- scenario…] [-- --runs 3] [-- --json]

${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
const unknown = positionals.filter((name) => !SCENARIOS.some((one) => one.name === name));
const runs = Number(values.runs);
if (values.help || unknown.length > 0 || !(runs >= 1)) {
  console.error(unknown.length > 0 ? `There is no scenario ${unknown.join(', ')}.\n\n${USAGE}` : USAGE);
  process.exit(values.help ? 0 : 1);
}

/** Measures what was asked for, one scenario after the other, and prints one table. */
const outcomes: Outcome[] = [];
const failed: string[] = [];
for (const scenario of SCENARIOS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  try {
    await using rig = await Rig.start(scenario.settings);
    const tell = (message: string) => console.error(`${scenario.name}: ${message}`);
    outcomes.push({ scenario: scenario.name, results: await scenario.measure({ rig, runs, tell }) });
  } catch (error) {
    failed.push(scenario.name);
    console.error(`${scenario.name}: failed:`, error);
  }
}
const machine = describeMachine();
if (values.json) {
  const results = outcomes.flatMap(({ scenario, results }) =>
    results.map((result) => ({ scenario, ...result, verdicts: judge(result) })),
  );
  console.log(JSON.stringify({ machine, runs, results, failed }, null, 2));
} else {
  console.log(
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · '),
  );
  console.log(`\n${toTable(outcomes)}`);
}
process.exit(failed.length > 0 ? 1 : 0);
