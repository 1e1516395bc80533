import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type RequestHandler, type Response, type Router } from 'express';
import type { AllowedOrigins } from '../config/config.js';
import { DAY_MS } from '../units.js';
import { explorerPolicy, pagePolicy } from './page-policy.js';

/** Names with a hash in them: what is in such a file never changes. */
const ASSETS = '/assets/';

interface BuiltPage {
  /** Within `dist`. */
  readonly folder: string;
  /** The addresses: all of them are the same page, which shows what the address says. */
  readonly addresses: readonly string[];
  /** What is before the addresses of its files. */
  readonly base: string;
  readonly policy: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/** How the build has compressed files, by what is added to their names; the best first. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
];

const A_YEAR_MS = 365 * DAY_MS;

/** Where things are built, seen from the compiled service or from its sources. */
const DIST = ['../..', '../../dist'].map((path) => join(import.meta.dirname, path));

/**
 * Answers for the pages of the dashboard, the explorer, and the files that they load, and for no other path.
 *
 * @throws an Error that says how to build them when they are not there.
 */
export function createDashboard(allowedOrigins: AllowedOrigins): RequestHandler {
  const router = express.Router();
  serve(router, {
    folder: 'dashboard',
    addresses: ['/', '/endpoints{/*rest}', '/deliveries{/*rest}'],
    base: '',
    policy: pagePolicy(allowedOrigins),
  });
  serve(router, { folder: 'explorer', addresses: ['/graphiql'], base: '/graphiql', policy: explorerPolicy() });
  return router;
}

function serve(router: Router, { folder: name, addresses, base, policy }: BuiltPage): void {
  const { folder, files } = findBuilt(name);
  const headers = {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  const send = (response: Response, path: string, options: object) => {
    const compressed = ENCODINGS.filter(({ suffix }) => files.has(path + suffix));
    const encoding = compressed.find(({ name }) => response.req.acceptsEncodings(name));
    response.set(headers).type(TYPES[extname(path)] ?? 'application/octet-stream');
    if (compressed.length > 0) response.vary('accept-encoding');
    if (encoding) response.set('content-encoding', encoding.name);
    response.sendFile(path + (encoding?.suffix ?? ''), { root: folder, ...options });
  };
  router.get([...addresses], (_request, response) => {
    response.set('cache-control', 'no-cache');
    send(response, '/index.html', { cacheControl: false });
  });
  router.get(`${base}${ASSETS}{*name}`, (request, response, next) => {
    const path = request.path.slice(base.length);
    if (!files.has(path) || /\.(br|gz)$/.test(path)) return next();
    send(response, path, { immutable: true, maxAge: A_YEAR_MS });
  });
}

/** What there is, as paths such as `/assets/index-4f2a.js`: nothing else is ever read. */
function findBuilt(name: string): { folder: string; files: ReadonlySet<string> } {
  for (const dist of DIST) {
    const folder = join(dist, name);
    const files = new Set(listFiles(folder));
    if (files.has('/index.html')) return { folder, files };
  }
  throw new Error('The dashboard is not built: run `npm run build`.');
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `/${file.replaceAll('\\', '/')}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
