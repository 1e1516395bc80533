import type { SignatureFormat } from '../documents.js';

interface Signed {
  url: string;
  signatureHeader: string;
  signatureFormat: SignatureFormat;
}

const COMPARE = `return signature.length === expected.length && crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expected));`;

const VERIFY: Record<SignatureFormat, string> = {
  SHA256: `function verifyWebhook(payload: string, signature: string, secret: string): boolean {
  const expected = \`sha256=\${crypto.createHmac('sha256', secret).update(payload).digest('hex')}\`;
  ${COMPARE}
}`,
  TIMESTAMPED: `function verifyWebhook(payload: string, signature: string, secret: string): boolean {
  const [, timestamp = ''] = /^t=(\\d+),v1=/.exec(signature) ?? [];
  const digest = crypto.createHmac('sha256', secret).update(\`\${timestamp}.\${payload}\`).digest('hex');
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
app.post(${JSON.stringify(new URL(url).pathname)}, express.text({ type: 'application/json' }), (req, res) => {
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

app.post(${JSON.stringify(new URL(url).pathname)}, express.text({ type: 'application/json' }), (req, res) => {
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
