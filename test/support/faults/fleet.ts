import { ApiClient } from '../api.js';
import { freePort } from '../free-port.js';
import { type ServiceProcess, startProcess } from '../processes.js';
import { API_KEY } from '../service.js';

/** A process of the service that is started anew at the same address however often it ends. */
export class Member implements AsyncDisposable {
  readonly api: ApiClient;
  /** What it has logged as an error so far, a line of JSON each. */
  readonly errors: string[] = [];
  #process: ServiceProcess | undefined;

  constructor(
    /** Such as `dispatcher 2`. */
    readonly name: string,
    private readonly port: number,
    private readonly env: Record<string, string>,
  ) {
    this.api = new ApiClient(`http://127.0.0.1:${port}`, API_KEY);
  }

  get pid(): number {
    if (!this.#process) throw new Error(`${this.name} is not running`);
    return this.#process.pid;
  }

  /** Resolves once it is ready. */
  async start(): Promise<void> {
    this.#process = await startProcess({ env: { ...this.env, PORT: `${this.port}` } });
  }

  /** Resolves once it has ended; with its exit code, null after SIGKILL. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const process = this.#process;
    this.#process = undefined;
    if (!process) return null;
    const { code, stderr } = await process.stop(signal);
    this.errors.push(...stderr.split('\n').filter(Boolean));
    return code;
  }

  /** Stands still, as a virtual machine that is being moved, until it is resumed. */
  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** What a probe answers; null when nobody does. */
  async probe(path: '/livez' | '/readyz'): Promise<number | null> {
    return fetch(`${this.api.url}${path}`, { signal: AbortSignal.timeout(5_000) }).then(
      ({ status }) => status,
      () => null,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process) process.kill(this.pid, 'SIGCONT');
    await this.stop('SIGKILL');
  }
}

/** Processes of one service on one database. */
export interface Fleet extends AsyncDisposable {
  readonly apis: readonly Member[];
  readonly dispatchers: readonly Member[];
}

/** Starts so many processes of either role, all with the same environment. */
export async function startFleet(
  { apis, dispatchers }: { apis: number; dispatchers: number },
  env: Record<string, string>,
): Promise<Fleet> {
  const opened = new AsyncDisposableStack();
  try {
    const start = async (role: 'api' | 'dispatcher', count: number) => {
      const members: Member[] = [];
      for (let number = 1; number <= count; number += 1) {
        const member = opened.use(new Member(`${role} ${number}`, await freePort(), { ...env, ROLES: role }));
        members.push(member);
      }
      await Promise.all(members.map((member) => member.start()));
      return members;
    };
    const fleet = { apis: await start('api', apis), dispatchers: await start('dispatcher', dispatchers) };
    const closing = opened.move();
    return { ...fleet, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  } finally {
    await opened.disposeAsync();
  }
}
