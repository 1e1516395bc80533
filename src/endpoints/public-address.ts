import { BlockList, isIP } from 'node:net';
import { type AddressRange, endsOf, IPV4_MAPPED, isEqual, isWithin, subtract, toRange } from './address-range.js';

/**
 * What no stranger's URL may reach: everything that is not globally reachable, and tunnels into it.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const CLOSED_RANGES = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocols
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
  '::/3', // only 2000::/3 is public: this holds loopback, IPv4-compatible and NAT64
  '2001::/23', // IETF protocols, Teredo among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which may hold any IPv4 address
  '3fff::/20', // documentation
  '4000::/2',
  '8000::/1', // unique local, link-local, multicast
].map(toRange);

/** Where clouds hand out credentials. A range that an operator opens does not open these; their exact address does. */
const METADATA_RANGES = [
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure, and in public space
  '169.254.0.23', // Tencent
  '169.254.42.42', // Scaleway
  '169.254.169.254', // nearly all
  '169.254.170.2', // AWS, containers
  '169.254.170.23', // AWS, Kubernetes
  '192.0.0.192', // Oracle
  'fd00:42::42', // Scaleway
  'fd00:a9fe:a9fe::1', // Linode
  'fd00:c1::a9fe:a9fe', // Oracle
  'fd00:ec2::23', // AWS, Kubernetes
  'fd00:ec2::254', // AWS
  'fd20:ce::254', // Google
  'fe80::a9fe:a9fe', // OpenStack
]
  .map(toRange)
  .flatMap((one) => (one.family === 4 ? [one, ...translationsOf(one)] : [one]));

/**
 * The IPv6 addresses that a translator or tunnel may turn into an IPv4 address: IPv4-compatible, IPv4-translated, NAT64
 * under its two prefixes, and all of the 6to4 network.
 */
function translationsOf({ first: value }: AddressRange): AddressRange[] {
  const single = ['::', '::ffff:0:0:0', '64:ff9b::', '64:ff9b:1::'].map((prefix) => toRange(prefix).first + value);
  const network = toRange('2002::').first + (value << 80n);
  return [
    ...single.map((one): AddressRange => ({ family: 6, first: one, last: one })),
    { family: 6, first: network, last: network + (1n << 80n) - 1n },
  ];
}

/** Whether the service may call an address: a public one, or one that `allowed` opens. False for what is no address. */
export function isCallable(address: string, allowed: readonly AddressRange[]): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const one = unmap(toRange(address));
  if (isWithin(one, METADATA_RANGES)) return allowed.some((range) => isEqual(range, one));
  return isWithin(one, allowed) || !isWithin(one, CLOSED_RANGES);
}

/** An IPv4-mapped address as the IPv4 address that it stands for. */
function unmap(one: AddressRange): AddressRange {
  if (!isWithin(one, [IPV4_MAPPED])) return one;
  return { family: 4, first: one.first - IPV4_MAPPED.first, last: one.last - IPV4_MAPPED.first };
}

/** The addresses for which `isCallable` is false, for `net` to check once more as it connects. */
export function toBlockList(allowed: readonly AddressRange[]): BlockList {
  // Without IPv4-mapped addresses, since a BlockList judges IPv4 by IPv6 rules that hold its mapped form, and the reverse.
  const closed = subtract(CLOSED_RANGES, [...allowed, IPV4_MAPPED]);
  const named = allowed.filter(({ first, last }) => first === last);
  const metadata = subtract(METADATA_RANGES, named);

  const blockList = new BlockList();
  for (const range of [...closed, ...metadata]) {
    blockList.addRange(...endsOf(range), range.family === 4 ? 'ipv4' : 'ipv6');
  }
  return blockList;
}
