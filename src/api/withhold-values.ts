/**
 * The message of an error of GraphQL's own without the value that was sent: that may be a secret, and errors are logged in many
 * places. It also may be a megabyte. Names, paths and types are kept.
 */
export function withholdValues(message: string): string {
  return withoutValue(variableMessage(message) ?? message);
}

/** Where GraphQL says which part of a variable is wrong. It writes strings as JSON, so none of them looks like this. */
const PATH = / at "(\w+(?:\.\w+|\[\d+\])*)"; /;

/** How it begins to say what is wrong with that part. */
const REASON =
  /; (?=(?:Int|Float|String|Boolean|ID|Enum "\w+") cannot represent |Expected |Field "|Value "|A (?:DateTime|URL) )/;

/** Of `Variable "$input" got invalid value … at "input.url"; A URL is a string.`, all but the value. */
function variableMessage(message: string): string | null {
  const [start, name] = /^Variable "\$(\w+)" got invalid value /.exec(message) ?? [];
  if (start === undefined) return null;
  const path = PATH.exec(message);
  const rest = path ? message.slice(path.index + path[0].length - 2) : message.slice(start.length);
  const reason = REASON.exec(rest);
  const where = path ? ` at "${path[1]}"` : '';
  return `Variable "$${name}" got an invalid value${where}${reason ? rest.slice(reason.index) : '.'}`;
}

/**
 * What literals and the parts of variables are told, each with what to leave of it. Values are of any length and say anything:
 * each pattern begins at one place only, or looks a little way ahead.
 */
const QUOTING: readonly (readonly [pattern: RegExp, kept: string])[] = [
  [/( cannot represent (?:[\w -]{1,60} )?value): .*/s, '$1.'],
  [
    /^(Variable "[^"]+" [^"]+(?:"[^"]+"; )?)?Value ".*" does not exist in (?="\w+" enum)/s,
    '$1There is no such value in the ',
  ],
  [/(Expected value of type "[^"]+"), found .*/s, '$1.'],
  [/^(Syntax Error: .*?\b(?:Block)?String) ".*/s, '$1.'],
];

function withoutValue(message: string): string {
  return QUOTING.reduce((kept, [pattern, replacement]) => kept.replace(pattern, replacement), message);
}
