import { useState } from 'react';
import { useChange } from '../api/change.js';
import { useApi } from '../api/context.js';
import { useMay } from '../api/viewer.js';
import { RevealSigningSecretDocument, RotateSigningSecretDocument } from '../documents.js';
import { Button } from '../elements/button.js';
import { Select } from '../elements/choice.js';
import { CodeBlock } from '../elements/code-block.js';
import { Alert } from '../elements/message.js';
import { Dialog } from '../elements/overlay.js';
import { exactTime } from '../elements/time.js';
import { HowToVerify } from './how-to-verify.js';
import type { ShownEndpoint } from './use-endpoint.js';

/** The secret that requests are signed with: to look at, to replace, and what to do with it. */
export function SigningSecret({ endpoint }: { endpoint: ShownEndpoint }) {
  const { id, signingSecretHint, previousSecretExpiresAt } = endpoint;
  const [shown, setShown] = useState<{ secret: string; hint: string } | null>(null);
  const [isRotating, setRotating] = useState(false);
  const reveal = useChange(RevealSigningSecretDocument);
  const mayReveal = useMay('secrets:read');
  const mayRotate = useMay('endpoints:write');
  // Of a secret that somebody else has replaced meanwhile, nothing is shown any more.
  const secret = shown?.hint === signingSecretHint ? shown.secret : null;
  const show = async () => {
    const data = await reveal.change({ id });
    const revealed = data?.revealSigningSecret.signingSecret;
    if (revealed) setShown({ secret: revealed, hint: signingSecretHint });
  };
  return (
    <section aria-label="Signing secret" className="endpoint__part">
      <div className="endpoint__part-header">
        <h2>Signing secret</h2>
        <div className="endpoint__part-actions">
          {mayReveal &&
            (secret ? (
              <Button onPress={() => setShown(null)}>Hide</Button>
            ) : (
              <Button onPress={() => void show()} isPending={reveal.isUnderWay}>
                Reveal
              </Button>
            ))}
          {mayRotate && <Button onPress={() => setRotating(true)}>Replace…</Button>}
        </div>
      </div>
      {reveal.trouble && <Alert>{reveal.trouble}</Alert>}
      {secret ? <CodeBlock text={secret} label="signing secret" /> : <code>whsec_…{signingSecretHint}</code>}
      {previousSecretExpiresAt && (
        <p className="quiet">
          The secret before it goes on signing beside this one until {exactTime(new Date(previousSecretExpiresAt))}.
        </p>
      )}
      <details>
        <summary>How to verify a signature</summary>
        <HowToVerify endpoint={endpoint} />
      </details>
      {isRotating && (
        <Replacement
          endpoint={endpoint}
          onReplaced={(replaced) => setShown({ secret: replaced, hint: replaced.slice(-signingSecretHint.length) })}
          onClose={() => setRotating(false)}
        />
      )}
    </section>
  );
}

const OVERLAPS = [
  { value: '24', label: '24 hours' },
  { value: '72', label: '3 days' },
  { value: '168', label: '7 days' },
  { value: '0', label: 'not at all: it has leaked' },
] as const;

interface ReplacementProps {
  endpoint: ShownEndpoint;
  onReplaced: (secret: string) => void;
  onClose: () => void;
}

function Replacement({ endpoint: { id, signatureHeader }, onReplaced, onClose }: ReplacementProps) {
  const { client } = useApi();
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('24');
  const { change, trouble, isUnderWay } = useChange(RotateSigningSecretDocument);
  const [fault, setFault] = useState<string | null>(null);
  const replace = async () => {
    const data = await change({ input: { id, overlapHours: Number(overlap) } });
    const { signingSecret, userErrors = [] } = data?.rotateSigningSecret ?? {};
    setFault(userErrors[0]?.message ?? null);
    // It is in the answer only: nothing keeps it.
    client.cache.evict({ id: 'ROOT_MUTATION' });
    if (!signingSecret) return;
    onReplaced(signingSecret);
    onClose();
  };
  const actions = (
    <>
      <Button onPress={onClose}>Cancel</Button>
      <Button look="primary" onPress={() => void replace()} isPending={isUnderWay}>
        Replace secret
      </Button>
    </>
  );
  return (
    <Dialog title="Replace the signing secret" isOpen onClose={onClose} actions={actions}>
      <div className="replacement">
        {(trouble ?? fault) && <Alert>{trouble ?? fault}</Alert>}
        <p>
          From now on, requests are signed with a new secret. While the old one goes on, they carry both signatures:{' '}
          <code>{signatureHeader.toLowerCase()}-previous</code> is made with the old one, and{' '}
          <code>webhook-signature</code> has both. Deploy the new secret within that time, and nothing is missed.
        </p>
        <Select label="The old secret goes on for" options={OVERLAPS} value={overlap} onChange={setOverlap} />
      </div>
    </Dialog>
  );
}
