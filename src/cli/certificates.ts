import { generate } from 'selfsigned';
import { DAY_MS } from '../units.js';

/** A private key and its certificate, both PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface ServerCertificateOptions {
  /** Who vouches for the server; left out, it does so itself. */
  readonly authority?: Certificate;
  readonly name: string;
  /** DNS names that it is for. */
  readonly names?: readonly string[];
  /** IP addresses that it is for. */
  readonly addresses?: readonly string[];
  /** Until when it is valid, from two days ago; for a day if left out. */
  readonly validUntil?: Date;
}

const OPTIONS = { keyType: 'ec', algorithm: 'sha256' } as const;

/** A certificate authority of this name, that nobody trusts until told to. */
export async function createAuthority(name: string): Promise<Certificate> {
  const extensions = [
    { name: 'basicConstraints' as const, cA: true, critical: true },
    { name: 'keyUsage' as const, keyCertSign: true, critical: true },
  ];
  return toCertificate(await generate([{ name: 'commonName', value: name }], { ...OPTIONS, extensions }));
}

/** A certificate for an HTTPS server. */
export async function createServerCertificate(options: ServerCertificateOptions): Promise<Certificate> {
  const { authority, name, names = [], addresses = [], validUntil = new Date(Date.now() + DAY_MS) } = options;
  const altNames = [
    ...names.map((value) => ({ type: 2 as const, value })),
    ...addresses.map((ip) => ({ type: 7 as const, ip })),
  ];
  const generated = await generate([{ name: 'commonName', value: name }], {
    ...OPTIONS,
    extensions: [{ name: 'subjectAltName', altNames }],
    ca: authority && { ...authority },
    notBeforeDate: new Date(Date.now() - 2 * DAY_MS),
    notAfterDate: validUntil,
  });
  return toCertificate(generated);
}

function toCertificate({ private: key, cert }: { private: string; cert: string }): Certificate {
  return { key, cert };
}
