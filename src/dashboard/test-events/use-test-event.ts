import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { wordsFor } from '../api/trouble.js';
import { type SendTestEvent, SendTestEventDocument } from '../documents.js';

export type TestDelivery = NonNullable<SendTestEvent['sendTestEvent']['delivery']>;

interface TestState {
  /** The last result; null before the first and while another is on its way. */
  delivery: TestDelivery | null;
  /** Why the service does not take the data. */
  refused: string | null;
  /** What else went wrong. */
  trouble: string | null;
}

const NOTHING: TestState = { delivery: null, refused: null, trouble: null };

/** Sends test events to an endpoint, one at a time. The answer comes when the endpoint has answered, or did not in time. */
export function useTestEvent(endpointId: string) {
  // What comes back is shown here only: bodies are not kept.
  const [mutate, { loading }] = useMutation(SendTestEventDocument, { fetchPolicy: 'no-cache' });
  const [state, setState] = useState(NOTHING);
  const send = async (type: string, data: unknown) => {
    setState(NOTHING);
    try {
      const answer = await mutate({ variables: { input: { endpointId, type, data } } });
      setState(read(answer.data?.sendTestEvent));
    } catch (error) {
      setState({ ...NOTHING, trouble: wordsFor(error) });
    }
  };
  return { ...state, send, isSending: loading };
}

function read(payload: SendTestEvent['sendTestEvent'] | null | undefined): TestState {
  const error = payload?.userErrors[0];
  if (!error) return { ...NOTHING, delivery: payload?.delivery ?? null };
  const isOfData = error.field?.join('.') === 'input.data';
  return { ...NOTHING, [isOfData ? 'refused' : 'trouble']: error.message };
}
