import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endsOf, parseAddressRanges, toRange } from '../../../src/endpoints/address-range.js';
import { isCallable, toBlockList } from '../../../src/endpoints/public-address.js';
import { checkEndpointUrl, type UrlPolicy } from '../../../src/endpoints/url-policy.js';

const STRICT: UrlPolicy = { allowHttp: false, allowedCidrs: [] };

function allowing(ranges: string, allowHttp = false): UrlPolicy {
  return { allowHttp, allowedCidrs: parseAddressRanges(ranges) };
}

/** The URL in its normal form, or the code of the refusal. */
function check(url: string, policy = STRICT): string {
  const verdict = checkEndpointUrl(url, policy);
  return 'url' in verdict ? verdict.url : verdict.code;
}

describe('an endpoint URL', () => {
  it.each([
    ['https://example.com/webhooks?tenant=1', 'https://example.com/webhooks?tenant=1'],
    ['https://EXAMPLE.com', 'https://example.com/'],
    ['https://example.com:443/a/../b', 'https://example.com/b'],
    ['https://example.com:8443/', 'https://example.com:8443/'],
    ['https://example.com./', 'https://example.com./'],
    ['https://example.com/hook#part', 'https://example.com/hook'],
    ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC'],
    ['  https://example.com/\n', 'https://example.com/'],
    ['https://localhost.example.com/', 'https://localhost.example.com/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/'],
    ['https://[::ffff:8.8.8.8]/', 'https://[::ffff:808:808]/'],
  ])('%s becomes %s', (url, expected) => {
    expect(check(url)).toBe(expected);
  });

  it.each([
    '',
    'example.com/webhooks',
    '/webhooks',
    '//example.com/webhooks',
    'https://',
    'https://exa mple.com/',
    'https://example.com:99999/',
    'https://256.256.256.256/',
    'https://1.2.3.4.5/',
    'https://[::1/',
    'https://[fe80::1%25eth0]/',
    'https://%/',
  ])('"%s" is no URL', (url) => {
    expect(check(url)).toBe('INVALID_URL');
  });

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'unix:/run/docker.sock:/events',
    'wss://example.com/',
    'https://user@example.com/',
    'https://user:password@example.com/',
    'https://:password@example.com/',
  ])('%s must not be called, whatever its host', (url) => {
    expect(check(url)).toBe('URL_NOT_ALLOWED');
  });

  it.each([
    'https://localhost/',
    'https://LOCALHOST:8443/',
    'https://localhost./',
    'https://localhost../',
    'https://api.localhost/',
    'https://localhost.localdomain/',
    'https://localhost4/',
    'https://localhost4.localdomain4/',
    'https://localhost6.localdomain6./',
    'https://127.0.0.1../',
    'https://0x7f.1../',
    'https://.localhost/',
    'https://hooks..example.com/',
    'https://printer.local/',
    'https://printer.local./',
    'https://metadata.google.internal/',
    'https://router.lan/',
    'https://nas.home.arpa/',
    'https://intranet/',
    'https://mylocal/',
    'https://receiver:8443/',
    'https://./',
  ])('%s is a local name', (url) => {
    expect(check(url)).toBe('URL_NOT_ALLOWED');
  });

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f.1/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://2130706433/',
    'https://127.0.0.1./',
    'https://①②⑦.0.0.1/',
    'https://0/',
    'https://10.0.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0xa9fea9fe/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::7f00:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[0:0:0:0:0:ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
  ])('%s is an address that is not public', (url) => {
    expect(check(url)).toBe('URL_NOT_ALLOWED');
  });

  it.each([0, 22, 25, 53, 465, 587, 6000, 6667, 10080])('must not use port %i, whoever may be called', (port) => {
    expect(check(`https://example.com:${port}/`)).toBe('URL_NOT_ALLOWED');
    expect(check(`https://127.0.0.1:${port}/`, allowing('127.0.0.0/8'))).toBe('URL_NOT_ALLOWED');
  });

  it('has at most 2,048 characters, before and after it is brought to its normal form', () => {
    const ofLength = (length: number) => 'https://example.com/'.padEnd(length, 'a');

    expect(check(ofLength(2048))).toBe(ofLength(2048));
    expect(check(ofLength(2049))).toBe('INVALID_URL');
    expect(check('https://example.com/'.padEnd(2000, 'ü'))).toBe('INVALID_URL');
  });

  it('may be http: where that is allowed', () => {
    const policy: UrlPolicy = { allowHttp: true, allowedCidrs: [] };

    expect(check('http://example.com/', policy)).toBe('http://example.com/');
    expect(check('http://localhost/', policy)).toBe('URL_NOT_ALLOWED');
    expect(check('ftp://example.com/', policy)).toBe('URL_NOT_ALLOWED');
  });

  it('may be loopback where that is open, and nothing else that is local', () => {
    const policy = allowing('127.0.0.0/8');

    expect(check('https://127.0.0.1:1234/', policy)).toBe('https://127.0.0.1:1234/');
    expect(check('https://0x7f.1:1234/', policy)).toBe('https://127.0.0.1:1234/');
    expect(check('https://[::ffff:127.0.0.1]/', policy)).toBe('https://[::ffff:7f00:1]/');
    expect(check('https://localhost:1234/', policy)).toBe('https://localhost:1234/');
    expect(check('https://api.localhost/', policy)).toBe('https://api.localhost/');
    expect(check('https://[::1]/', policy)).toBe('URL_NOT_ALLOWED');
    expect(check('https://10.0.0.1/', policy)).toBe('URL_NOT_ALLOWED');
    expect(check('https://receiver/', policy)).toBe('URL_NOT_ALLOWED');
    expect(check('https://printer.local/', policy)).toBe('URL_NOT_ALLOWED');
  });

  it('may be a local name once a private network is open', () => {
    const policy = allowing('172.16.0.0/12');

    expect(check('https://receiver:8443/', policy)).toBe('https://receiver:8443/');
    expect(check('https://hooks.internal/', policy)).toBe('https://hooks.internal/');
    expect(check('https://localhost/', policy)).toBe('URL_NOT_ALLOWED');
  });

  it('is refused with words that say what to do', () => {
    expect(checkEndpointUrl('nonsense', STRICT)).toEqual({
      code: 'INVALID_URL',
      message: 'Give an absolute URL, such as https://example.com/webhooks.',
    });
    expect(checkEndpointUrl('http://example.com', STRICT)).toEqual({
      code: 'URL_NOT_ALLOWED',
      message: 'Use an https:// URL: events are sent over encrypted connections only.',
    });
  });
});

describe('an address', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '11.0.0.1',
    '100.63.255.255',
    '100.128.0.0',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.1',
    '198.20.0.0',
    '223.255.255.255',
    '2000::1',
    '2606:4700:4700::1111',
    '2a00:1450:4001::200e',
    '3ffe::1',
    '::ffff:8.8.8.8',
  ])('like %s is public', (address) => {
    expect(isCallable(address, [])).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.255.255',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::8.8.8.8',
    '::ffff:10.0.0.1',
    '::ffff:0:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:10::1',
    '2001:db8::1',
    '2002:0808:0808::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    '2606:4700::1%eth0',
    'fec0::1',
    'ff02::1',
    '010.0.0.1',
    '8.8.8',
    '134744072',
    'example.com',
    '',
  ])('like "%s" is not public', (address) => {
    expect(isCallable(address, [])).toBe(false);
  });

  it('of cloud metadata stays closed in an open range, and opens by its own name', () => {
    const wide = parseAddressRanges('0.0.0.0/0, ::/0');
    const exact = parseAddressRanges('169.254.169.254/32, fd00:ec2::254, 100.100.100.200');
    const metadata = ['169.254.169.254', '::ffff:169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16'];

    const translated = [
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::6464:64c8',
      '::a83f:8110',
      '2002:a9fe:a9fe::1',
      '::ffff:0:c000:c0',
    ];

    expect([...metadata, ...translated].filter((address) => isCallable(address, wide))).toEqual([]);
    expect(translated.filter((address) => isCallable(address, exact))).toEqual([]);
    expect(isCallable(translated[0]!, parseAddressRanges('64:ff9b::a9fe:a9fe'))).toBe(true);
    expect(metadata.filter((address) => isCallable(address, exact))).toEqual(metadata.slice(0, 4));
    expect(['10.0.0.1', '169.254.0.1', '::1', 'fd00:ec2::255'].every((address) => isCallable(address, wide))).toBe(
      true,
    );
  });

  it('is callable exactly when the block list lets it through', () => {
    const range = fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128))
      .map(([address, bits]) => toRange(`${address}/${address.includes(':') ? bits : bits % 33}`));
    const near = fc.constantFrom(
      ...['9.255.255.255', '10.0.0.0', '169.254.169.254', '168.63.129.16', '1fff::', '2002::', '2002:a9fe:a9fe::1'],
      ...['64:ff9b::a9fe:a9fe', '64:ff9b:1::6464:64c8'],
    );
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      near,
      fc.ipV4().map((v4) => `::ffff:${v4}`),
      fc.ipV4().map((v4) => `::${v4}`),
    );

    fc.assert(
      fc.property(fc.array(range, { maxLength: 4 }), fc.array(address, { maxLength: 20 }), (allowed, addresses) => {
        const blockList = toBlockList(allowed);
        for (const one of [...addresses, ...allowed.flatMap(endsOf)]) {
          expect(blockList.check(one, one.includes(':') ? 'ipv6' : 'ipv4')).toBe(!isCallable(one, allowed));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the ranges an operator opens', () => {
  it.each(['', ' ', ',', ' , '])('may be none: "%s"', (text) => {
    expect(parseAddressRanges(text)).toEqual([]);
  });

  it('are read with their spaces, single addresses and stray bits', () => {
    const allowed = parseAddressRanges(' 10.1.2.3/8 ,192.168.1.7, fd12:3456::/32,');

    expect(allowed).toHaveLength(3);
    expect(['10.255.0.1', '192.168.1.7', 'fd12:3456::1'].every((address) => isCallable(address, allowed))).toBe(true);
    expect(['11.0.0.1', '192.168.1.8', 'fd12:3457::1'].map((address) => isCallable(address, allowed))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '010.0.0.0/8',
    'fd00::/129',
    'fe80::1%eth0',
    '10.0.0.0 - 10.0.0.9',
  ])('are refused by the name of the entry at fault: "%s"', (entry) => {
    expect(() => parseAddressRanges(`127.0.0.0/8, ${entry}`)).toThrow(`"${entry}" is not an address range`);
  });

  it('are IPv4 where IPv4 is meant', () => {
    expect(() => parseAddressRanges('::ffff:10.0.0.0/104')).toThrow('write it as IPv4');
  });
});
