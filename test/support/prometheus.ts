import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { eventually } from './eventually.js';

/** Where a Prometheus is installed; null where none is. */
export function findPrometheus(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'prometheus')).find((file) => existsSync(file)) ?? null;
}

export interface Prometheus extends AsyncDisposable {
  /** The values of an expression, one for each combination of labels. */
  query(expression: string): Promise<number[]>;
  /** The names of the alert rules, and what is wrong with each, if anything. */
  rules(): Promise<{ name: string; lastError?: string }[]>;
}

/** Starts a Prometheus that scrapes a process every second, and knows the alert rules of a file. */
export async function startPrometheus(
  program: string,
  { metricsUrl, rulesFile }: { metricsUrl: string; rulesFile: string },
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rulesFile],
    scrape_configs: [{ job_name: 'revkeen-webhooks', static_configs: [{ targets: [new URL(metricsUrl).host] }] }],
  };
  // JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = async (path: string) => {
    const response = await fetch(`http://${address}${path}`);
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: never };
    if (status !== 'success') throw new Error(`Prometheus: ${error}`);
    return data;
  };
  await eventually('Prometheus is ready', async () => {
    const response = await fetch(`http://${address}/-/ready`).catch(() => null);
    return response?.ok;
  });
  return {
    async query(expression) {
      const { result } = (await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        result: { value: [number, string] }[];
      };
      return result.map(({ value }) => Number(value[1]));
    },
    async rules() {
      const { groups } = (await ask('/api/v1/rules')) as {
        groups: { rules: { name: string; lastError?: string }[] }[];
      };
      return groups.flatMap(({ rules }) => rules);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
