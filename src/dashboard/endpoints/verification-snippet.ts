import type { SignatureFormat } from '../documents.js';

interface Signed {
  url: string;
  signatureHeader: string;
  signatureFormat: SignatureFormat;
}

const COMPARE = `const [given, right] = [Buffer.from(signature), Buffer.from(expected)];
  return given.length === right.length && crypto.timingSafeEqual(given, right);`;

const VERIFY: Record<SignatureFormat, string> = {
  SHA256: `function verifyWebhook(payload: string, signature: string, secret: string): boolean {
  const digest = crypto.createHmac('sha256', secret).update(payload).digest('hex');
  const expected = \`sha256=\${digest}\`;
  ${COMPARE}
}`,
  TIMESTAMPED: `function verifyWebhook(payload: string, signature: string, secret: string): boolean {
  const [, timestamp = ''] = /^t=(\\d+),v1=/.exec(signature) ?? [];
  const signed = \`\${timestamp}.\${payload}\`;
  const digest = crypto.createHmac('sha256', secret).update(signed).digest('hex');
  const expected = \`t=\${timestamp},v1=\${digest}\`;
  // An old request may be somebody else's, sent again.
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  ${COMPARE}
}`,
};

/** How the server behind an endpoint checks that a request is genuine, ready to be pasted. */
export function verificationSnippet({ url, signatureHeader, signatureFormat }: Signed): string {
  return `import crypto from 'node:crypto';

${VERIFY[signatureFormat]}

// WEBHOOK_SECRET is the signing secret, whsec_ included.
const raw = express.text({ type: 'application/json' });
app.post(${JSON.stringify(new URL(url).pathname)}, raw, (req, res) => {
  const signature = req.get(${JSON.stringify(signatureHeader)}) ?? '';
  if (!verifyWebhook(req.body, signature, process.env.WEBHOOK_SECRET!)) {
    return res.status(401).send('Invalid signature');
  }
  const event = JSON.parse(req.body);
  // Write it down under event.id, and do the work afterwards.
  res.sendStatus(204);
});
`;
}

/** The same with a library of Standard Webhooks, which there is for a dozen languages. */
export function standardSnippet({ url }: Signed): string {
  return `import { Webhook } from 'standardwebhooks';

// WEBHOOK_SECRET is the signing secret, whsec_ included.
const webhook = new Webhook(process.env.WEBHOOK_SECRET!);

const raw = express.text({ type: 'application/json' });
app.post(${JSON.stringify(new URL(url).pathname)}, raw, (req, res) => {
  try {
    const event = webhook.verify(req.body, req.headers as Record<string, string>);
    // Write it down under event.id, and do the work afterwards.
    res.sendStatus(204);
  } catch {
    res.status(401).send('Invalid signature');
  }
});
`;
}
