import type { StoredHeader } from './endpoint.js';
import { type HttpHeader, type MessageHeader, SECRET_MASK } from './http-header.js';

/** The headers of an endpoint as its owner sees them. */
export function shownHeaders(stored: readonly StoredHeader[]): HttpHeader[] {
  return stored.map((header) =>
    'encryptedValue' in header
      ? { name: header.name, value: SECRET_MASK, secret: true }
      : { name: header.name, value: header.value, secret: false },
  );
}

/** The headers of an endpoint as they are sent: all in clear. */
export function clearHeaders(
  stored: readonly StoredHeader[],
  decrypt: (encryptedValue: string) => string,
): MessageHeader[] {
  return stored.map((header) =>
    'encryptedValue' in header
      ? { name: header.name, value: decrypt(header.encryptedValue), secret: true }
      : { name: header.name, value: header.value },
  );
}
