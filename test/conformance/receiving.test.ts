import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { transform } from '@swc/core';
import { requestHeaders } from '../../src/dispatch/sign.js';

/** A request, and whether it is genuine by either signature at a time. */
interface Vector {
  readonly name: string;
  readonly secret: string;
  /** In seconds. */
  readonly now: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly genuine: { readonly webhook: boolean; readonly revkeen: boolean };
}

jest.setTimeout(120_000);

const docs = join(import.meta.dirname, '..', '..', 'docs');
const guide = readFileSync(join(docs, 'receiving.md'), 'utf8');
const VECTORS_FILE = join(docs, 'receiving', 'vectors.json');
const vectors = JSON.parse(readFileSync(VECTORS_FILE, 'utf8')) as Vector[];
const expected = vectors.map(({ name, genuine }) => ({ name, ...genuine }));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'revkeen-webhooks-receiving-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The listings of the guide in a language. */
function listings(language: string): string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code!);
}

const listing = (language: string) => listings(language)[0]!;

function write(file: string, text: string): string {
  writeFileSync(join(folder, file), text);
  return join(folder, file);
}

function hasProgram(name: string, ...args: string[]): boolean {
  try {
    execFileSync(name, args, { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`The guide's listing is not run: there is no ${name} on this machine.\n`);
    return false;
  }
}

/** Runs a program that prints what its listing says of each vector. */
async function run(name: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { stdout } = await promisify(execFile)(name, args, { cwd: folder, env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}

describe('the vectors', () => {
  it('are made as requests are signed', () => {
    const signed = vectors.filter(({ genuine }) => genuine.webhook && genuine.revkeen);
    expect(signed.length).toBeGreaterThan(4);
    for (const { name, secret, headers, body } of signed) {
      const isDated = headers['x-revkeen-signature']!.startsWith('t=');
      const made = requestHeaders({
        body,
        eventId: headers['webhook-id']!,
        eventType: 'invoice.paid',
        deliveryId: 'dlv_1',
        attemptNumber: 1,
        signingSecret: secret,
        signatureFormat: isDated ? 'TIMESTAMPED' : 'SHA256',
        signatureHeader: 'X-RevKeen-Signature',
        userAgent: 'test',
        extraHeaders: [],
        now: new Date(Number(headers['webhook-timestamp']) * 1_000),
      });
      const given = Object.entries(headers).flatMap(([header, value]) => value.split(' ').map((one) => [header, one]));
      const ours = made.filter(({ name: header }) => headers[header] !== undefined);
      for (const { name: header, value } of ours) {
        const known = given.filter(([one]) => one!.startsWith(header)).map(([, one]) => one);
        expect({ name, header, known }).toEqual({ name, header, known: expect.arrayContaining([value]) });
      }
    }
  });

  it('have what an attacker might try', () => {
    expect(expected.filter(({ webhook, revkeen }) => !webhook && !revkeen).length).toBeGreaterThan(5);
  });
});

describe('the guide’s listing in', () => {
  it('TypeScript takes what is genuine and nothing else', async () => {
    const { code } = await transform(listing('ts'), { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } });
    write('webhooks.mjs', code);
    const program = write(
      'main.mjs',
      `import { readFileSync } from 'node:fs';
       import { verifyRevKeen, verifyWebhook } from './webhooks.mjs';
       const vectors = JSON.parse(readFileSync(${JSON.stringify(VECTORS_FILE)}, 'utf8'));
       console.log(JSON.stringify(vectors.map(({ name, secret, now, headers, body }) => ({
         name, webhook: verifyWebhook(body, headers, secret, now), revkeen: verifyRevKeen(body, headers, secret, now) }))));`,
    );
    expect(await run(process.execPath, [program])).toEqual(expected);
  });

  it('TypeScript, a whole receiver: it takes what is genuine and nothing else', async () => {
    const [functions, receiver] = listings('ts');
    const freePort = receiver!.replace(
      'listen(3001)',
      'listen(0, () => console.log((server.address() as { port: number }).port))',
    );
    expect(freePort).not.toBe(receiver);
    const program = write('receiver.ts', `${functions}\n${freePort}`);
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const running = spawn(process.execPath, [program], { env: { ...process.env, WEBHOOK_SECRET: secret } });
    try {
      const lines = createInterface(running.stdout)[Symbol.asyncIterator]();
      const url = `http://127.0.0.1:${(await lines.next()).value}/`;
      const body = '{"id":"evt_1","data":{"currency":"€"}}';
      const made = requestHeaders({
        body,
        eventId: 'evt_1',
        eventType: 'invoice.paid',
        deliveryId: 'dlv_1',
        attemptNumber: 1,
        signingSecret: secret,
        signatureFormat: 'SHA256',
        signatureHeader: 'X-RevKeen-Signature',
        userAgent: 'test',
        extraHeaders: [],
        now: new Date(),
      });
      const headers = Object.fromEntries(made.map(({ name, value }) => [name, value]));

      const genuine = await fetch(url, { method: 'POST', headers, body });
      const forged = await fetch(url, { method: 'POST', headers, body: body.replace('€', '$') });
      const bare = await fetch(url, { method: 'POST', body });

      expect([genuine.status, forged.status, bare.status]).toEqual([204, 401, 401]);
      expect((await lines.next()).value).toBe(`evt_1 ${body}`);
    } finally {
      running.kill();
      await once(running, 'exit');
    }
  });

  (hasProgram('python3', '-c', 'import sys; assert sys.version_info >= (3, 10)') ? it : it.skip)(
    'Python takes what is genuine and nothing else',
    async () => {
      write('webhooks.py', listing('python'));
      const program = write(
        'main.py',
        `import json
from webhooks import verify_revkeen, verify_webhook
vectors = json.load(open(${JSON.stringify(VECTORS_FILE)}, encoding="utf-8"))
def check(v):
    request = (v["body"].encode(), v["headers"], v["secret"], v["now"])
    return {"name": v["name"], "webhook": verify_webhook(*request), "revkeen": verify_revkeen(*request)}
print(json.dumps([check(v) for v in vectors]))
`,
      );
      expect(await run('python3', [program])).toEqual(expected);
    },
  );

  (hasProgram('go', 'version') ? it : it.skip)('Go takes what is genuine and nothing else', async () => {
    write('go.mod', 'module example.com/webhooks\n\ngo 1.20\n');
    write('webhooks.go', listing('go').replace(/^package webhooks$/m, 'package main'));
    write(
      'main.go',
      `package main

import (
	"encoding/json"
	"os"
	"time"
)

type vector struct {
	Name, Secret, Body string
	Now                int64
	Headers            map[string]string
}

type verdict struct {
	Name    string \`json:"name"\`
	Webhook bool   \`json:"webhook"\`
	Revkeen bool   \`json:"revkeen"\`
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil {
		panic(err)
	}
	verdicts := []verdict{}
	for _, v := range vectors {
		header := func(name string) string { return v.Headers[name] }
		now := time.Unix(v.Now, 0)
		verdicts = append(verdicts, verdict{v.Name, VerifyWebhook([]byte(v.Body), header, v.Secret, now), VerifyRevKeen([]byte(v.Body), header, v.Secret, now)})
	}
	json.NewEncoder(os.Stdout).Encode(verdicts)
}
`,
    );
    // Kept: the standard library takes longer to compile than everything else here.
    const GOCACHE = process.env.GOCACHE ?? join(tmpdir(), `revkeen-webhooks-go-${process.getuid?.() ?? 0}`);
    const env = { GOCACHE, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOPROXY: 'off' };
    expect(await run('go', ['run', '.', VECTORS_FILE], env)).toEqual(expected);
  });
});
