import { generate } from 'selfsigned';

/** What can be wrong with a certificate. */
export type CertificateFlaw = 'expired' | 'other-host' | 'self-signed';

/** A private key and its certificate, both PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const OPTIONS = { keyType: 'ec', algorithm: 'sha256' } as const;
const DAY_MS = 24 * 60 * 60 * 1000;

let authority: Promise<Certificate> | undefined;

/** The one authority of this process. */
export function certificateAuthority(): Promise<Certificate> {
  authority ??= generate([{ name: 'commonName', value: 'Test authority' }], {
    ...OPTIONS,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  }).then(toCertificate);
  return authority;
}

/** A certificate for `localhost` and the loopback addresses, signed by the authority, unless it is to be flawed. */
export async function createCertificate(flaw?: CertificateFlaw): Promise<Certificate> {
  const hosts =
    flaw === 'other-host'
      ? [{ type: 2 as const, value: 'elsewhere.example' }]
      : [
          { type: 2 as const, value: 'localhost' },
          { type: 7 as const, ip: '127.0.0.1' },
          { type: 7 as const, ip: '::1' },
        ];
  const { key, cert } = await certificateAuthority();
  const generated = await generate([{ name: 'commonName', value: 'Test receiver' }], {
    ...OPTIONS,
    extensions: [{ name: 'subjectAltName', altNames: hosts }],
    ca: flaw === 'self-signed' ? undefined : { key, cert },
    notBeforeDate: new Date(Date.now() - 2 * DAY_MS),
    notAfterDate: new Date(Date.now() + (flaw === 'expired' ? -DAY_MS : DAY_MS)),
  });
  return toCertificate(generated);
}

function toCertificate({ private: key, cert }: { private: string; cert: string }): Certificate {
  return { key, cert };
}
