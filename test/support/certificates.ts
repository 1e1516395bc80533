import { type Certificate, createAuthority, createServerCertificate } from '../../src/cli/certificates.js';

export type { Certificate };

/** What can be wrong with a certificate. */
export type CertificateFlaw = 'expired' | 'other-host' | 'self-signed';

const DAY_MS = 24 * 60 * 60 * 1000;

let authority: Promise<Certificate> | undefined;

/** The one authority of this process. */
export function certificateAuthority(): Promise<Certificate> {
  authority ??= createAuthority('Test authority');
  return authority;
}

/** A certificate for `localhost` and the loopback addresses, signed by the authority, unless it is to be flawed. */
export async function createCertificate(flaw?: CertificateFlaw): Promise<Certificate> {
  return createServerCertificate({
    name: 'Test receiver',
    authority: flaw === 'self-signed' ? undefined : await certificateAuthority(),
    validUntil: flaw === 'expired' ? new Date(Date.now() - DAY_MS) : undefined,
    ...(flaw === 'other-host'
      ? { names: ['elsewhere.example'] }
      : { names: ['localhost'], addresses: ['127.0.0.1', '::1'] }),
  });
}
