import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useChange } from '../api/change.js';
import { useApi } from '../api/context.js';
import { DeleteEndpointDocument } from '../documents.js';
import { Button } from '../elements/button.js';
import { TextField } from '../elements/field.js';
import { count } from '../elements/figures.js';
import { Alert } from '../elements/message.js';
import { Dialog } from '../elements/overlay.js';
import type { ShownEndpoint } from './use-endpoint.js';

/** Deleting loses something for good: so one has to type what goes. */
export function DeleteEndpoint({ endpoint }: { endpoint: ShownEndpoint }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onPress={() => setOpen(true)}>Delete…</Button>
      {isOpen && <Confirmation endpoint={endpoint} onClose={() => setOpen(false)} />}
    </>
  );
}

function Confirmation({ endpoint: { id, url, heldCount }, onClose }: { endpoint: ShownEndpoint; onClose: () => void }) {
  const { client } = useApi();
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState('');
  const { change, trouble, isUnderWay } = useChange(DeleteEndpointDocument);
  const { host } = new URL(url);
  const isSure = typed.trim() === host;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isSure || isUnderWay) return;
    const data = await change({ id });
    // One that somebody else has deleted is gone as well.
    if (!data) return;
    navigate('/endpoints', { replace: true });
    client.cache.evict({ id: client.cache.identify({ __typename: 'WebhookEndpoint', id }) });
  };
  return (
    <Dialog title="Delete endpoint" isOpen onClose={onClose}>
      <form onSubmit={submit} className="delete-endpoint">
        <p>
          Nothing more is sent to it, and its log is deleted.
          {heldCount > 0 && (
            <strong>
              {` ${count(heldCount)} held ${heldCount === 1 ? 'delivery is' : 'deliveries are'} lost for good.`}
            </strong>
          )}{' '}
          To stop for a while and lose nothing, switch it off instead.
        </p>
        {trouble && <Alert>{trouble}</Alert>}
        <TextField
          label={`Type ${host} to confirm`}
          isCode
          autoFocus
          autoComplete="off"
          value={typed}
          onChange={setTyped}
        />
        <div className="delete-endpoint__actions">
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" look="danger" isDisabled={!isSure} isPending={isUnderWay}>
            Delete for good
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
