import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ApiClient } from './api.js';

/** The built program. */
export const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'src', 'main.js');

/** How long a process may take to be ready, and to stop when it is asked to. */
const PATIENCE_MS = 30_000;

export interface ProcessOptions {
  /** The whole environment, but for `PATH`: nothing of that of the tests gets through. */
  env?: Record<string, string>;
  cwd?: string;
  /** Another build of the program. */
  program?: string;
  /** Whom to run as; as this process if left out. */
  user?: { uid: number; gid: number };
}

/** How a process ended, and everything that it wrote. */
export interface Finished {
  /** Null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command of the built program to its end. */
export async function runProgram(args: readonly string[], options: ProcessOptions = {}): Promise<Finished> {
  await using program = new Program(args, options);
  return await program.finished;
}

/** Starts the built program as a service. Resolves as soon as it says that it is ready. */
export async function startProcess(options: ProcessOptions = {}): Promise<ServiceProcess> {
  const program = new Program(['serve'], options);
  try {
    await program.print(/ is ready /);
    return new ServiceProcess(program);
  } catch (error) {
    await program.stop('SIGKILL');
    throw error;
  }
}

/** A running service of its own process, known only by what it prints. */
export class ServiceProcess implements AsyncDisposable {
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  /** Such as `http://127.0.0.1:4000`. */
  get url(): string {
    const [url] = /http:\/\/[^/\s]+/.exec(this.stdout) ?? [];
    if (!url) throw new Error(`No URL was printed: ${this.stdout}`);
    return url;
  }

  /** The API key that was printed; null when there was none. */
  get apiKey(): string | null {
    return /\brk_live_[\w-]+/.exec(this.stdout)?.[0] ?? null;
  }

  get stdout(): string {
    return this.#program.stdout;
  }

  get stderr(): string {
    return this.#program.stderr;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** The API with a key; with the printed one if left out. */
  api(key: string | null = this.apiKey): ApiClient {
    return new ApiClient(this.url, key);
  }

  /** Resolves once it has ended; SIGKILL follows a signal that does not end it. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    return this.#program.stop(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A command of the built program while it runs. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], { env = {}, cwd, program = PROGRAM, user }: ProcessOptions) {
    this.#child = spawn(process.execPath, [program, ...args], {
      ...user,
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.finished = once(this.#child, 'close').then(([code]) => ({ code, stdout: this.stdout, stderr: this.stderr }));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Waits until what it prints matches. */
  async print(pattern: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      if (pattern.test(this.stdout)) resolve();
    };
    const fail = (why: string) => reject(new Error(`The program ${why}:\n${this.stdout}${this.stderr}`));
    const timer = setTimeout(() => fail(`did not print ${pattern} within ${PATIENCE_MS} ms`), PATIENCE_MS);
    this.#child.stdout!.on('data', check);
    this.finished.then(({ code }) => fail(`ended with ${code}`), reject);
    await promise.finally(() => {
      clearTimeout(timer);
      this.#child.stdout!.off('data', check);
    });
  }

  async stop(signal: NodeJS.Signals): Promise<Finished> {
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    return this.finished.finally(() => clearTimeout(timer));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.stop('SIGTERM');
  }
}
