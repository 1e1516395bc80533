import { isIPv6 } from 'node:net';
import { CLOSED_ADDRESSES } from './closed-addresses.js';
import { spellingsOf } from './spellings.js';

/** A URL that nobody may register, and how it is refused. */
export interface ForbiddenUrl {
  readonly url: string;
  readonly code: 'INVALID_URL' | 'URL_NOT_ALLOWED';
}

/** Those that are written in every way there is. */
const SPELLED_ADDRESSES = [
  ...['127.0.0.1', '127.0.0.2', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1'],
  ...['169.254.169.254', '168.63.129.16', '100.100.100.200', '192.0.0.192', '255.255.255.255'],
];

const LOCAL_NAMES = [
  ...['localhost', 'localhost.localdomain', 'localhost4', 'localhost4.localdomain4', 'localhost6.localdomain6'],
  ...[
    'localhost6.localdomain',
    'printer.local',
    'metadata.google.internal',
    'instance-data.ec2.internal',
    'router.lan',
  ],
  ...['intranet', 'wiki.intranet', 'nas.home.arpa', 'ip6-localhost', 'ip6-loopback', 'kubernetes', 'postgres'],
];

/** Of a name without a dot another name may be made by a label before it. */
const withoutPublicNames = (spelling: string) =>
  !/^(api|a\.b\.c)\.(ip6-local|ip6-loop|kubernetes|postgres)/.test(spelling);

const NOT_ALLOWED = [
  ...['http://example.com/', 'HTTP://EXAMPLE.COM/', 'ftp://example.com/', 'ws://example.com/', 'wss://example.com/'],
  ...['file:///etc/passwd', 'file://example.com/etc/passwd', 'javascript:alert(1)', 'data:text/plain,hello'],
  ...[
    'unix:/run/docker.sock:/events',
    'gopher://example.com:70/_GET',
    'dict://example.com:2628/',
    'mailto:a@example.com',
  ],
  ...['blob:https://example.com/1', 'about:blank', 'ldap://example.com/', 'https+unix://example.com/', 'tel:112'],
  ...['https://user@example.com/', 'https://user:password@example.com/', 'https://:password@example.com/'],
  ...['https://example.com@127.0.0.1/', 'https://example.com%40@127.0.0.1/', 'https://example.com:443@[::1]/'],
  ...['https://example.com%2F@localhost/', 'https://user%00@example.com/', 'https://user@user@example.com/'],
  // The host is behind what looks like one.
  ...['https:127.0.0.1', 'https:/127.0.0.1/', 'https:///127.0.0.1/', 'https:\\\\127.0.0.1\\', 'https:////localhost'],
  ...['\u0000 https://127.0.0.1/', 'ht\ntps://127.\t0.0.1/', 'https://127.0.0.1\\@example.com/', 'HtTpS://LoCaLhOsT'],
  ...['https://127.0.0.1:443/', 'https://127.0.0.1:0443/', 'https://localhost:8443/', 'https://[::1]:8443/'],
  ...['https://127.0.0.1?@example.com/', 'https://127.0.0.1#@example.com/', 'https://localhost?https://example.com/'],
  // Names with empty labels.
  ...['https://./', 'https://../', 'https://localhost../', 'https://.localhost/', 'https://127.0.0.1../'],
  ...['https://0x7f.1../', 'https://example..com/', 'https://.example.com/', 'https://2130706433../'],
];

const INVALID = [
  ...['', ' ', 'example.com', 'example.com/webhooks', '/webhooks', '//example.com/', '?a=b', 'https://', 'https:'],
  ...['https:///', 'https://?', 'https://:443/', 'https://exa mple.com/', 'https://exam<ple.com/', 'https://a^b.com/'],
  ...[
    'https://a|b.com/',
    'https://%/',
    'https://%00/',
    'https://example.com%0d%0a/',
    'https://example.com%2f127.0.0.1/',
  ],
  ...[
    'https://example.com:99999/',
    'https://example.com:65536/',
    'https://example.com:-1/',
    'https://example.com:4e2/',
  ],
  ...[
    'https://256.256.256.256/',
    'https://1.2.3.4.5/',
    'https://127.0.0.256/',
    'https://0xffffffff1/',
    'https://1.2.3.08/',
  ],
  ...['https://[::1/', 'https://::1/', 'https://[::1]a/', 'https://[]/', 'https://[:]/', 'https://[1::2::3]/'],
  ...[
    'https://[fe80::1%25eth0]/',
    'https://[fe80::1%eth0]/',
    'https://[::ffff:127.1]/',
    'https://[v1.a]/',
    'https://[127.0.0.1]/',
  ],
  ...[
    'https://[::ffff:0x7f.0.0.1]/',
    'https://[12345::1]/',
    'https://[::127.0.0.1.2]/',
    'https://1.2.3.4294967296/',
    'https://a.0x100000000/',
  ],
  `https://example.com/${'a'.repeat(2_029)}`,
  `https://example.com/${'ü'.repeat(1_000)}`,
];

/** The ports of other protocols, as the fetch standard lists them. @see https://fetch.spec.whatwg.org/#port-blocking */
export const BAD_PORTS = [
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109],
  ...[
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
  ],
  ...[532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060],
  ...[5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
];

/** Hosts, as they may stand in a URL, that must not be called. */
export const FORBIDDEN_HOSTS: readonly string[] = [
  ...SPELLED_ADDRESSES.flatMap(spellingsOf),
  ...CLOSED_ADDRESSES.map((address) => (isIPv6(address) ? `[${address}]` : address)),
  ...LOCAL_NAMES.flatMap(spellingsOf).filter(withoutPublicNames),
];

const notAllowed = (url: string): ForbiddenUrl => ({ url, code: 'URL_NOT_ALLOWED' });

/** What must not be registered, nor called should it ever have been: no spelling twice. */
export const FORBIDDEN_URLS: readonly ForbiddenUrl[] = [
  ...[...new Set(FORBIDDEN_HOSTS)].map((host) => notAllowed(`https://${host}/webhooks`)),
  ...BAD_PORTS.map((port) => notAllowed(`https://example.com:${port}/`)),
  ...NOT_ALLOWED.map(notAllowed),
  ...INVALID.map((url): ForbiddenUrl => ({ url, code: 'INVALID_URL' })),
];
