/** A text that nobody is to see, as it is named in messages. */
export interface KnownSecret {
  name: string;
  value: string | Buffer;
}

/** Shorter parts would be found by chance. */
const MIN_LENGTH = 10;

/**
 * Which of the secrets `text` gives away, and how: as it is, in hex, in base64 wherever in a text it stands, or URL-encoded. The
 * middle half of a secret is enough to be found.
 */
export function findSecrets(text: string, secrets: readonly KnownSecret[]): string[] {
  const lower = text.toLowerCase();
  return secrets.flatMap(({ name, value }) =>
    Object.entries(formsOf(Buffer.from(value as string)))
      .filter(([form, part]) => (form === 'hex' ? lower : text).includes(part))
      .map(([form]) => `${name} in ${form}`),
  );
}

function formsOf(bytes: Buffer): Record<string, string> {
  const middle = bytes.subarray(Math.floor(bytes.length / 4), Math.ceil((bytes.length * 3) / 4));
  if (middle.length < MIN_LENGTH) throw new Error(`A secret of ${bytes.length} bytes is too short to be looked for.`);
  const forms: Record<string, string> = {
    text: middle.toString('latin1'),
    'text as UTF-8': middle.toString('utf8'),
    hex: middle.toString('hex'),
    'URL encoding': encodeURIComponent(middle.toString('latin1')),
  };
  for (const encoding of ['base64', 'base64url'] as const) {
    for (const before of [0, 1, 2]) {
      const encoded = Buffer.concat([Buffer.alloc(before), middle])
        .toString(encoding)
        .replace(/=+$/, '');
      // At both ends a letter may belong to a neighbour as well.
      forms[`${encoding}, shifted by ${before}`] = encoded.slice(before === 0 ? 0 : before + 1, -1);
    }
  }
  return forms;
}
