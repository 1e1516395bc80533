import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AttemptView } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { runProgram, type ServiceProcess, startProcess } from '../support/processes.js';
import { startReceiver } from '../support/receiver.js';
import { API_KEY, testEnvironment, writeCa } from '../support/service.js';

/** A server that counts connections and answers each with `answer`. */
interface RawServer {
  readonly port: number;
  readonly connections: number;
  close(): Promise<void>;
}

async function startRawServer(answer: string): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).once('data', () => socket.end(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

describe('what the environment says to other programs', () => {
  const opened = new AsyncDisposableStack();
  let proxy: RawServer;
  let database: TestDatabase;
  let service: ServiceProcess;

  beforeAll(async () => {
    proxy = opened.adopt(await startRawServer('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'), (one) =>
      one.close(),
    );
    database = opened.adopt(await createDatabase(), (one) => one.drop());
    const { ca } = opened.adopt(await startReceiver(), (one) => one.close());
    const url = `http://127.0.0.1:${proxy.port}`;
    const names = ['http_proxy', 'https_proxy', 'all_proxy', 'npm_config_proxy', 'npm_config_https_proxy'];
    const env = {
      ...testEnvironment(database.url),
      WEBHOOK_ALLOW_HTTP: 'true',
      WEBHOOK_CA_FILE: opened.adopt(await writeCa(ca), (file) => rm(file)),
      ...Object.fromEntries(
        names.flatMap((name) => [
          [name, url],
          [name.toUpperCase(), url],
        ]),
      ),
      NODE_USE_ENV_PROXY: '1',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_OPTIONS: '--use-env-proxy --insecure-http-parser',
      APOLLO_KEY: 'service:somebody:0123456789abcdef',
      APOLLO_GRAPH_REF: 'somebody@current',
      APOLLO_SCHEMA_REPORTING: 'true',
      LOG_LEVEL: 'info',
    };
    service = opened.use(await startProcess({ env }));
  });

  afterAll(() => opened.disposeAsync());

  async function attemptAt(url: string): Promise<AttemptView> {
    const api = service.api(API_KEY);
    const { id: endpointId } = await api.createEndpoint({ url, allEvents: true });
    const { delivery } = await api.sendTestEvent({ endpointId, type: 'invoice.paid' });
    return delivery!.attempts[0]!;
  }

  it.each([true, false])('sends no request through a proxy (TLS: %s)', async (tls) => {
    const receiver = await startReceiver({ tls });
    try {
      expect(await attemptAt(receiver.url)).toMatchObject({ outcome: 'SUCCEEDED' });
      expect([receiver.requests.length, proxy.connections]).toEqual([1, 0]);
    } finally {
      await receiver.close();
    }
  });

  it.each([
    ['self-signed', 'TLS: certificate is self-signed'],
    ['expired', 'TLS: certificate has expired'],
    ['other-host', 'TLS: certificate is for another host name'],
  ] as const)('makes no certificate good that is %s', async (flaw, error) => {
    const receiver = await startReceiver({ flaw });
    try {
      expect(await attemptAt(receiver.url)).toMatchObject({ outcome: 'TLS_ERROR', error });
      expect(receiver.requests).toEqual([]);
    } finally {
      await receiver.close();
    }
  });

  it('makes no answer good that may be read in two ways', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    const receiver = await startRawServer(answer);
    try {
      expect(await attemptAt(`http://127.0.0.1:${receiver.port}/`)).toMatchObject({
        outcome: 'CONNECTION_ERROR',
        error: 'The answer is not valid HTTP',
      });
    } finally {
      await receiver.close();
    }
  });

  it('has nothing told to others about what is asked here', async () => {
    await service.api(API_KEY).request('{ viewer { accountId } }');
    expect(service.stderr).not.toMatch(/report/i);
  });

  it('is not passed over in silence where it would make certificates worthless', () => {
    expect(service.stderr).toMatch(/NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: .*WEBHOOK_CA_FILE/);
  });
});

describe('a service whose sockets ignore block lists', () => {
  it('does not start, and says what to do', async () => {
    const database = await createDatabase();
    try {
      const preload = "import net from 'node:net'; net.BlockList.prototype.check = () => false;";
      const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(preload)}`;

      const { code, stdout, stderr } = await runProgram(['serve'], {
        env: { ...testEnvironment(database.url), NODE_OPTIONS },
      });

      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr.trim().split('\n')).toEqual([
        expect.stringMatching(/that they were told to block.*Node 24 or newer/),
      ]);
    } finally {
      await database.drop();
    }
  });
});
