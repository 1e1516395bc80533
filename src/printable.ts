/**
 * What a terminal obeys instead of showing, and what makes text look like other text: control characters (C0, DEL, C1),
 * line and paragraph separators, and the marks that turn the direction of writing.
 * @see https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with such characters as `\u001b`. Inside a string of JSON that is the same string. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
