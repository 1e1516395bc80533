import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const SCRIPT = join(import.meta.dirname, '../../../scripts/generate-documents.js');

it('has documents of its operations as they are, and of the schema as it is', async () => {
  const { stderr } = await promisify(execFile)(process.execPath, [SCRIPT, '--check']);
  expect(stderr).toBe('');
});
