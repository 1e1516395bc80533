import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Addresses that follow one another, of one family; both ends belong to it. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** IPv4 addresses written as IPv6. */
export const IPV4_MAPPED = toRange('::ffff:0:0/96');

/**
 * Reads ranges as an operator writes them: `10.0.0.0/8, fd12:3456::/32, 192.168.1.7`. A single address is a range of
 * one; bits beyond the prefix are ignored.
 * @throws Error naming the first entry that is neither.
 */
export function parseAddressRanges(text: string): AddressRange[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map(parseEntry);
}

function parseEntry(entry: string): AddressRange {
  const [address = '', prefix, ...rest] = entry.split('/');
  const family = isIP(address);
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
  if (family === 0 || address.includes('%') || !isPrefix || rest.length > 0) {
    throw new Error(`"${entry}" is not an address range: write it like 10.0.0.0/8, fd12:3456::/32 or 192.168.1.7`);
  }
  const range = toRange(entry);
  if (isWithin(range, [IPV4_MAPPED])) throw new Error(`"${entry}" is an IPv4 range in IPv6 form: write it as IPv4`);
  return range;
}

/** The range of one address, or of an address with a prefix length. What is given must be well-formed. */
export function toRange(text: string): AddressRange {
  const [address = '', prefix] = text.split('/');
  const bytes = ipaddr.parse(isIPv6(address) ? withoutDots(address) : address).toByteArray();
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const bits = bytes.length * 8;
  const hostMask = (1n << BigInt(bits - Number(prefix ?? bits))) - 1n;
  return { family: bits === 32 ? 4 : 6, first: value & ~hostMask, last: value | hostMask };
}

// ipaddr.js takes `::8.8.8.8`, as the system prints `::808:808`, for `::ffff:8.8.8.8`. The URL parser knows better.
function withoutDots(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** The first and the last address of a range, as text. */
export function endsOf({ family, first, last }: AddressRange): [first: string, last: string] {
  return [toAddress(first, family), toAddress(last, family)];
}

function toAddress(value: bigint, family: 4 | 6): string {
  const hex = value.toString(16).padStart(family === 4 ? 8 : 32, '0');
  return ipaddr.fromByteArray([...Buffer.from(hex, 'hex')]).toString();
}

/** Whether one of `ranges` holds all of `inner`. */
export function isWithin(inner: AddressRange, ranges: readonly AddressRange[]): boolean {
  return ranges.some(
    ({ family, first, last }) => family === inner.family && first <= inner.first && inner.last <= last,
  );
}

/** Whether two ranges are the same. */
export function isEqual(one: AddressRange, other: AddressRange): boolean {
  return one.family === other.family && one.first === other.first && one.last === other.last;
}

/** What is left of `ranges` once all of `holes` is taken out. */
export function subtract(ranges: readonly AddressRange[], holes: readonly AddressRange[]): AddressRange[] {
  return holes.reduce((left, hole) => left.flatMap((range) => without(range, hole)), [...ranges]);
}

function without(range: AddressRange, hole: AddressRange): AddressRange[] {
  if (hole.family !== range.family || hole.last < range.first || range.last < hole.first) return [range];
  const below = { ...range, last: hole.first - 1n };
  const above = { ...range, first: hole.last + 1n };
  return [below, above].filter(({ first, last }) => first <= last);
}
