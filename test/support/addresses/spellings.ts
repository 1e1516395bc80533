import { isIPv4 } from 'node:net';

/** The ways to write an address or a name as the host of a URL, all of which mean the same to the one or other program. */
export function spellingsOf(host: string): string[] {
  return isIPv4(host) ? [...spellingsOfIpv4(host), ...ipv6FormsOf(host)] : spellingsOfName(host);
}

/** An IPv4 address as text that `inet_aton` or the URL standard reads as that address. */
function spellingsOfIpv4(address: string): string[] {
  const [a, b, c, d] = address.split('.').map(Number) as [number, number, number, number];
  const value = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const [hex, octal] = [(one: number) => `0x${one.toString(16)}`, (one: number) => `0${one.toString(8)}`];
  return [
    address,
    `${address}.`,
    `${value}`,
    hex(value),
    hex(value).toUpperCase(),
    octal(value),
    `0x00000000${value.toString(16)}`,
    [a, b, c, d].map(hex).join('.'),
    [a, b, c, d].map(octal).join('.'),
    `${hex(a)}.${b}.${octal(c)}.${d}`,
    `${a}.${((b << 16) | (c << 8) | d) >>> 0}`,
    `${a}.${b}.${(c << 8) | d}`,
    `${hex(a)}.${hex(((b << 16) | (c << 8) | d) >>> 0)}`,
    ...disguisesOf(address),
  ];
}

/** The IPv6 addresses that stand for an IPv4 address, or may be translated to it on their way. */
function ipv6FormsOf(address: string): string[] {
  const [a, b, c, d] = address.split('.').map(Number) as [number, number, number, number];
  const [high, low] = [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
  const inverted = [0xffff ^ ((a << 8) | b), 0xffff ^ ((c << 8) | d)].map((one) => one.toString(16)).join(':');
  return [
    `[::ffff:${address}]`,
    `[::FFFF:${high}:${low}]`,
    `[0:0:0:0:0:ffff:${high}:${low}]`,
    `[0000:0000:0000:0000:0000:ffff:${address}]`,
    `[::${address}]`,
    `[::${high}:${low}]`,
    `[::ffff:0:${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b:1::${high}:${low}]`,
    `[2002:${high}:${low}::]`,
    `[2002:${high}:${low}::1]`,
    `[2001:0:808:808::${inverted}]`,
  ];
}

function spellingsOfName(name: string): string[] {
  return [
    name,
    name.toUpperCase(),
    `${name}.`,
    `api.${name}`,
    `a.b.c.${name}.`,
    name.replace(/^../, (start) => `${start}\u00AD`),
    name.replace(/^../, (start) => `${start[0]}\t${start[1]}`),
    ...disguisesOf(name),
  ];
}

/** Characters that the URL standard turns into plain ones. */
function disguisesOf(host: string): string[] {
  const wide = (text: string) =>
    text.replace(/[!-~]/g, (character) => String.fromCodePoint(character.codePointAt(0)! + 0xfee0));
  return [
    wide(host),
    host.replaceAll('.', '\u3002'),
    wide(host.slice(0, 1)) + host.slice(1),
    host.replaceAll('.', '%2E'),
    [...host].map((character) => `%${character.codePointAt(0)!.toString(16)}`).join(''),
    encodeURIComponent(wide(host)),
  ];
}
