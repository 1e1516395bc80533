import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** A key pair of whoever issues tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

export async function createSigningKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) };
}

export const pemOf = (key: SigningKey): Promise<string> => exportSPKI(key.publicKey);

/** What a token says; undefined leaves a part out. */
export interface TokenParts {
  claims?: JWTPayload;
  header?: Record<string, unknown>;
}

/** Whoever issues tokens: a server on loopback that publishes its keys, and signs what a test likes. */
export class TokenIssuer implements AsyncDisposable {
  static async start(keys: SigningKey[]): Promise<TokenIssuer> {
    const issuer = new TokenIssuer(keys);
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    return issuer;
  }

  /** What it answers with instead of its keys, if anything. */
  fault: { status: number; body: string } | null = null;
  /** How often its keys were asked for. */
  asked = 0;

  readonly #server = createServer(async (_request, response) => {
    this.asked += 1;
    const { status, body } = this.fault ?? { status: 200, body: JSON.stringify({ keys: await this.#published() }) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });

  private constructor(public keys: SigningKey[]) {}

  get jwksUrl(): string {
    return `${this.url}/jwks.json`;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How a service is told to accept its tokens. */
  get env(): Record<string, string> {
    return { JWT_JWKS_URL: this.jwksUrl, JWT_ISSUER: this.url, JWT_AUDIENCE: 'webhooks' };
  }

  /** A token that is valid for an hour, but for what is said otherwise. */
  async sign({ claims = {}, header = {} }: TokenParts = {}, key: SigningKey = this.keys[0]!): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const payload = {
      iss: this.url,
      aud: 'webhooks',
      exp: nowSeconds + 3_600,
      account: 'tenant-7',
      scope: 'endpoints:read deliveries:read openid',
      ...claims,
    };
    return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #published(): Promise<object[]> {
    return Promise.all(
      this.keys.map(async ({ kid, alg, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })),
    );
  }
}
