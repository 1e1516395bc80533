/** A product sends this with a `token`: whenever it likes, and when it is asked. */
const TOKEN = 'revkeen-webhooks:token';
/** What a product is asked with: a token is about to end, or has ended. */
const TOKEN_WANTED = 'revkeen-webhooks:token-wanted';

/** Whether a product shows the dashboard in a frame. */
export function isFramed(): boolean {
  return window.parent !== window;
}

/** Asks the product for a token. That is no secret, whoever the product is. */
export function askForToken(): void {
  if (isFramed()) window.parent.postMessage({ type: TOKEN_WANTED }, '*');
}

/**
 * Hears the tokens of the product, and of nobody else: browsers show this page in frames of allowed origins only, and a
 * window that is not its parent is not listened to.
 */
export function hearTokens(onToken: (token: string) => void): void {
  window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (!isFramed() || source !== window.parent || typeof data !== 'object' || data === null) return;
    const { type, token } = data as { type?: unknown; token?: unknown };
    if (type === TOKEN && typeof token === 'string') onToken(token);
  });
}
