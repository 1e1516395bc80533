import './test-events.css';
import { useId, useState } from 'react';
import { useApiQuery } from '../api/query.js';
import { type EndpointStatus, type TestData, TestDataDocument } from '../documents.js';
import { Button } from '../elements/button.js';
import { Select } from '../elements/choice.js';
import { TextField } from '../elements/field.js';
import { Alert } from '../elements/message.js';
import { Dialog } from '../elements/overlay.js';
import { receives } from '../endpoints/receives.js';
import { findJsonFault } from './json-fault.js';
import { TestResult } from './test-result.js';
import { useTestEvent } from './use-test-event.js';

/** What has to be known of an endpoint to test it. */
export interface TestedEndpoint {
  id: string;
  url: string;
  allEvents: boolean;
  eventTypes: string[];
  status: EndpointStatus;
}

interface TestEventDialogProps {
  endpoint: TestedEndpoint;
  onClose: () => void;
}

/** What to send, and what came of it. */
export function TestEventDialog({ endpoint, onClose }: TestEventDialogProps) {
  const { data, trouble: typesTrouble, reload } = useApiQuery(TestDataDocument, {});
  const { draft, change, check } = useDraft(endpoint, data?.eventTypes ?? []);
  const { send, isSending, refused, trouble, delivery } = useTestEvent(endpoint.id);
  const note = useId();
  const submit = () => check((content) => void send(draft.type, content));
  const actions = (
    <>
      <Button onPress={onClose}>Close</Button>
      <Button look="primary" isDisabled={!data} isPending={isSending} aria-describedby={note} onPress={submit}>
        {delivery ? 'Send again' : 'Send'}
      </Button>
    </>
  );
  return (
    <Dialog title="Send a test event" isOpen onClose={onClose} actions={actions}>
      <div className="test-event">
        <p className="test-event__to">
          <span className="quiet">To</span> {endpoint.url}
        </p>
        {endpoint.status === 'DISABLED' && (
          <p className="quiet">This endpoint is disabled. A test event is sent to it all the same.</p>
        )}
        {typesTrouble && !data && <Alert onRetry={reload}>{typesTrouble}</Alert>}
        <Select
          label="Event type"
          options={draft.options}
          value={draft.type}
          onChange={(type) => change({ type, edited: null })}
        />
        <TextField
          label="Data"
          rows={9}
          isCode
          value={draft.text}
          onChange={(edited) => change({ edited })}
          error={draft.fault ?? refused}
          help="Sample data. Change whatever you like."
        />
        <p id={note} className="quiet">
          It is signed like any other event and says "livemode": false. It is sent once, never retried, and does not
          count in statistics.
        </p>
        {trouble && <Alert>{trouble}</Alert>}
        <TestResult delivery={delivery} isSending={isSending} />
      </div>
    </Dialog>
  );
}

type Types = TestData['eventTypes'];

interface Draft {
  /** Null: the first that there is. */
  type: string | null;
  /** As the reader has changed it; null for the sample of the type. */
  edited: string | null;
  /** What keeps it from being sent. */
  fault: string | null;
}

function useDraft(endpoint: TestedEndpoint, types: Types) {
  const [{ type: chosen, edited, fault }, setDraft] = useState<Draft>({ type: null, edited: null, fault: null });
  const options = optionsFor(endpoint, types);
  const type = chosen ?? options[0]?.value ?? '';
  const text = edited ?? sampleOf(types, type);
  return {
    draft: { options, type, text, fault },
    change: (change: Partial<Draft>) => setDraft((draft) => ({ ...draft, ...change, fault: null })),
    /** Goes on with the data, or says what is wrong with it. */
    check(goOn: (content: unknown) => void) {
      const found = findJsonFault(text);
      setDraft((draft) => ({ ...draft, fault: found && `Line ${found.line}: ${found.words}.` }));
      if (!found) goOn(JSON.parse(text));
    },
  };
}

function sampleOf(types: Types, type: string): string {
  return JSON.stringify(types.find(({ name }) => name === type)?.sampleData, null, 2) ?? '';
}

/** What the endpoint is subscribed to comes first. */
function optionsFor(endpoint: TestedEndpoint, types: Types) {
  const isSubscribed = (name: string) => receives(endpoint, name);
  const named = types.map(({ name }) => ({
    value: name,
    label: isSubscribed(name) ? name : `${name} (not subscribed)`,
  }));
  return [...named.filter(({ value }) => isSubscribed(value)), ...named.filter(({ value }) => !isSubscribed(value))];
}
