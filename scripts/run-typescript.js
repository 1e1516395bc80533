import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import { swcOptions } from './swc-options.js';

/** Lets `node --import ./scripts/run-typescript.js` run TypeScript as it stands, decorators included. */
registerHooks({
  resolve(specifier, context, next) {
    const source = specifier.replace(/\.js$/, '.ts');
    const isSource = specifier.startsWith('.') && existsSync(new URL(source, context.parentURL));
    return next(isSource ? source : specifier, context);
  },
  load(url, context, next) {
    if (!/(?<!\.d)\.ts$/.test(url)) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...swcOptions, filename, sourceMaps: 'inline' });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
