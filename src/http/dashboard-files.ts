import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type RequestHandler, type Response } from 'express';
import type { AllowedOrigins } from '../config.js';
import { pagePolicy } from './page-policy.js';

/** The addresses of the dashboard: all of them are the same page, which shows what the address says. */
const PAGES = ['/', '/endpoints{/*rest}', '/deliveries{/*rest}'];

/** Names with a hash in them: what is in such a file never changes. */
const ASSETS = '/assets/';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** How the build has compressed files, by what is added to their names; the best first. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
];

const A_YEAR_MS = 365 * 24 * 60 * 60 * 1_000;

/** The built dashboard: `dist/dashboard`, seen from the compiled service or from its sources. */
const FOLDERS = ['../../dashboard', '../../dist/dashboard'].map((path) => join(import.meta.dirname, path));

/**
 * Answers for the pages of the dashboard and the files that they load, and for no other path.
 *
 * @throws an Error that says how to build the dashboard when there is none.
 */
export function createDashboard(allowedOrigins: AllowedOrigins): RequestHandler {
  const { folder, files } = findDashboard();
  const headers = {
    'content-security-policy': pagePolicy(allowedOrigins),
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
  const router = express.Router();
  router.get(PAGES, (_request, response) => {
    response.set('cache-control', 'no-cache');
    send(response, '/index.html', { cacheControl: false });
  });
  router.get(`${ASSETS}{*name}`, (request, response, next) => {
    if (!files.has(request.path) || /\.(br|gz)$/.test(request.path)) return next();
    send(response, request.path, { immutable: true, maxAge: A_YEAR_MS });
  });
  return router;
}

/** What there is, as paths such as `/assets/index-4f2a.js`: nothing else is ever read. */
function findDashboard(): { folder: string; files: ReadonlySet<string> } {
  for (const folder of FOLDERS) {
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
