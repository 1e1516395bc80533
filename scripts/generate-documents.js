import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as documents from '@graphql-codegen/typed-document-node';
import * as types from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const root = join(import.meta.dirname, '..');

/** Where operations are, in `.graphql` files; each gets a `documents.ts`. */
const folders = ['src/client', 'src/dashboard'];

/** Names of types are those of the operations and fragments; what is asked for is parsed here, not in the browser. */
const config = {
  scalars: { ID: 'string', DateTime: 'string', URL: 'string', JSON: 'unknown' },
  enumsAsTypes: true,
  skipTypename: true,
  useTypeImports: true,
  documentMode: 'documentNode',
  dedupeFragments: true,
  optimizeDocumentNode: true,
  documentVariableSuffix: 'Document',
  omitOperationSuffix: true,
};

/** The operations of a folder as typed documents: the text of its `documents.ts`. */
async function generateDocuments(folder) {
  const text = await codegen({
    filename: join(root, folder, 'documents.ts'),
    schema: parse(await readFile(join(root, 'schema.graphql'), 'utf8')),
    documents: await readOperations(join(root, folder)),
    config,
    plugins: [{ types: {} }, { documents: {} }],
    pluginMap: { types, documents },
  });
  return `// Written by \`npm run documents\`, of the .graphql files beside it and \`schema.graphql\`.\n${text}\n`;
}

async function readOperations(folder) {
  const files = await readdir(folder, { recursive: true });
  const operations = files.filter((file) => file.endsWith('.graphql')).sort();
  return Promise.all(
    operations.map(async (location) => ({
      location,
      document: parse(await readFile(join(folder, location), 'utf8')),
    })),
  );
}

for (const folder of folders) {
  const text = await generateDocuments(folder);
  const output = join(root, folder, 'documents.ts');
  if (!process.argv.includes('--check')) {
    await writeFile(output, text);
  } else if (text !== (await readFile(output, 'utf8'))) {
    console.error(`${folder}/documents.ts is out of date: run \`npm run documents\`.`);
    process.exitCode = 1;
  }
}
