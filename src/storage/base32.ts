/** Crockford's alphabet in lower case, as TypeIDs use it: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Two letters for every number of ten bits. */
const PAIRS = Array.from({ length: 1024 }, (_, bits) => ALPHABET[bits >> 5]! + ALPHABET[bits & 31]!);

/** The number of a letter by its character code; -1 for what is no letter of the alphabet. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));

/**
 * The 26 letters of a UUID. Twenty bits at a time: five hexadecimal digits are four letters.
 *
 * @see https://github.com/jetify-com/typeid/blob/main/spec/README.md#base32-encoding
 */
export function base32OfUuid(uuid: string): string {
  const digits = uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18) + uuid.slice(19, 23) + uuid.slice(24);
  let letters = PAIRS[Number.parseInt(digits.slice(0, 2), 16)]!;
  for (let at = 2; at < 32; at += 5) {
    const bits = Number.parseInt(digits.slice(at, at + 5), 16);
    letters += PAIRS[bits >> 10]! + PAIRS[bits & 1023]!;
  }
  return letters;
}

/** The UUID of 26 letters, in lower case, or `null` when they are not that. */
export function uuidOfBase32(letters: string): string | null {
  // 26 letters hold 130 bits, two more than a UUID: beyond `7` the first does not fit.
  if (letters.length !== 26 || letters.charCodeAt(0) > SEVEN) return null;
  let bits = bitsOf(letters, 0, 2);
  if (bits < 0) return null;
  let digits = bits.toString(16).padStart(2, '0');
  for (let at = 2; at < 26; at += 4) {
    bits = bitsOf(letters, at, at + 4);
    if (bits < 0) return null;
    digits += bits.toString(16).padStart(5, '0');
  }
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

const SEVEN = '7'.charCodeAt(0);

/** The number that the letters from `start` to before `end` stand for; negative when one is not in the alphabet. */
function bitsOf(letters: string, start: number, end: number): number {
  let bits = 0;
  for (let at = start; at < end; at += 1) {
    const value = VALUES[letters.charCodeAt(at)] ?? -1;
    if (value < 0) return -1;
    bits = bits * 32 + value;
  }
  return bits;
}
