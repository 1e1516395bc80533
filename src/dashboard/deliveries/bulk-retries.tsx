import './bulk-retry.css';
import { useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useApi } from '../api/context.js';
import { useApiQuery } from '../api/query.js';
import { useMay } from '../api/viewer.js';
import { type DeliveryFilter, RunningBulkRetriesDocument } from '../documents.js';
import { Button } from '../elements/button.js';
import { focusUnlessElsewhere } from '../elements/focus-back.js';
import { BulkRetryConfirmation } from './bulk-retry-confirmation.js';
import { BulkRetryDialog } from './bulk-retry-dialog.js';
import { BulkRetryStrip } from './bulk-retry-strip.js';

const NAME = 'bulk-retry';

/** Which bulk retry the reader looks at stands in the address, so that it is still there after a reload. */
function useOpenBulkRetry() {
  const [params, setParams] = useSearchParams();
  const [isOpen, setOpen] = useState(true);
  const id = params.get(NAME);
  return {
    id,
    isOpen,
    open(chosen: string) {
      setOpen(true);
      setParams(
        (before) => {
          before.set(NAME, chosen);
          return before;
        },
        { replace: true },
      );
    },
    hide: () => setOpen(false),
    leave: () =>
      setParams(
        (before) => {
          before.delete(NAME);
          return before;
        },
        { replace: true },
      ),
  };
}

/** Retrying all that a filter matches: the button for it, and a line for each that is under way, whoever began it. */
export function useBulkRetries(filter: DeliveryFilter) {
  const { client } = useApi();
  const mayRetry = useMay('deliveries:write');
  const [isAsking, setAsking] = useState(false);
  const begin = useRef<HTMLSpanElement>(null);
  const { id, isOpen, open, hide, leave } = useOpenBulkRetry();
  const running = useApiQuery(RunningBulkRetriesDocument, {}).data?.runningBulkRetries ?? [];
  const ids = new Set([...(id ? [id] : []), ...running.map((one) => one.id)]);
  const close = () => {
    hide();
    focusUnlessElsewhere(() => begin.current?.querySelector('button'));
  };
  const dismiss = (dismissed: string) => {
    if (dismissed === id) leave();
    client.cache.modify({
      fields: {
        runningBulkRetries: (refs = [], { readField }) =>
          refs.filter((ref: never) => readField('id', ref) !== dismissed),
      },
    });
  };
  return {
    button: mayRetry && (
      <span ref={begin}>
        <Button onPress={() => setAsking(true)}>Retry all …</Button>
      </span>
    ),
    strips: [...ids].map((one) => (
      <BulkRetryStrip key={one} id={one} onShow={() => open(one)} onDismiss={() => dismiss(one)} />
    )),
    dialogs: (
      <>
        {isAsking && (
          <BulkRetryConfirmation
            filter={filter}
            onClose={() => setAsking(false)}
            onStarted={(started) => {
              setAsking(false);
              open(started);
            }}
          />
        )}
        {id && isOpen && !isAsking && <BulkRetryDialog key={id} id={id} onClose={close} />}
      </>
    ),
  };
}
