interface Header {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** What curl sets by itself, and rightly. */
const OF_THE_CONNECTION = new Set(['host', 'content-length', 'connection', 'accept-encoding', 'transfer-encoding']);

/** The request as a command. Values that are secret are not known here: the reader has to put them in. */
export function curlCommand(url: string, headers: readonly Header[], body: string): string {
  const parts = headers
    .filter(({ name }) => !OF_THE_CONNECTION.has(name.toLowerCase()))
    .map(({ name, value, secret }) => `-H ${quote(`${name}: ${secret ? '<hidden>' : value}`)}`);
  return [`curl ${quote(url)}`, ...parts, `--data-binary ${quote(body)}`].join(' \\\n  ');
}

/** As one word of a POSIX shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
