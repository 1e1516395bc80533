#!/usr/bin/env node
// Names are looked up on libuv's threads. There are four by default, and as many hanging name servers would hold up
// every other look-up; the number counts when the first of them starts.
process.env.UV_THREADPOOL_SIZE ??= '64';

import 'reflect-metadata';
import { checkNodeVersion } from './node-version.js';

checkNodeVersion(process.versions.node);

const { runCommandLine } = await import('./command-line.js');
await runCommandLine(process.argv);
