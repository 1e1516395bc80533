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
export function SigningSecret({ endpoint, onGone }: { endpoint: ShownEndpoint; onGone: () => void }) {
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
    if (revealed) setShown({ secret: revealed, hint: revealed.slice(-signingSecretHint.length) });
    else if (data) onGone();
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
          onGone={onGone}
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
  onGone: () => void;
}

function Replacement({ endpoint: { id, signatureHeader }, onReplaced, onClose, onGone }: ReplacementProps) {
  const { client } = useApi();
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('24');
  const { change, trouble, isUnderWay } = useChange(RotateSigningSecretDocument);
  const replace = async () => {
    const data = await change({ input: { id, overlapHours: Number(overlap) } });
    if (!data) return;
    const { signingSecret } = data.rotateSigningSecret;
    // It is in the answer only: nothing keeps it.
    client.cache.evict({ id: 'ROOT_MUTATION' });
    if (signingSecret) onReplaced(signingSecret);
    else onGone();
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
        {trouble && <Alert>{trouble}</Alert>}
        <p>
          From now on, <code>{signatureHeader}</code> is made with a new secret.{' '}
          {overlap === '0' ? (
            'The old one signs nothing more: until your server has the new one, it refuses every request.'
          ) : (
            <>
              For as long as you choose, requests are signed with the old one, too:{' '}
              <code>{signatureHeader}-Previous</code> is made with it, and <code>webhook-signature</code> has both. A
              server that accepts either misses nothing while you bring it the new one.
            </>
          )}
        </p>
        <Select label="The old secret goes on for" options={OVERLAPS} value={overlap} onChange={setOverlap} />
      </div>
    </Dialog>
  );
}
