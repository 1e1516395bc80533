/**
 * JSON with a line for each value; null for what is not JSON. Whatever is between the braces stays as it was written:
 * numbers that a program would round, names that come twice, escapes.
 */
export function formatJson(text: string): string | null {
  if (!isStructure(text)) return null;
  const pieces: string[] = [];
  let depth = 0;
  const newLine = () => pieces.push('\n', '  '.repeat(depth));
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      depth += 1;
      pieces.push(token);
      newLine();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      newLine();
      pieces.push(token);
    } else if (token === ',') {
      pieces.push(token);
      newLine();
    } else {
      pieces.push(token === ':' ? ': ' : token);
    }
  }
  return pieces.join('').replace(EMPTY, '$1$2');
}

/** A string, a sign, or a run of anything else that is not space. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
/** Nothing between the braces: only there can a line end between them, as strings have none. */
const EMPTY = /([{[])\n\s*([}\]])/g;

function isStructure(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
