import { useState } from 'react';
import { useMay } from '../api/viewer.js';
import { Button } from '../elements/button.js';
import { TestEventDialog, type TestedEndpoint } from './test-event-dialog.js';

/** Whether the reader may send test events, and see what comes of them. */
export function useMayTest(): boolean {
  const mayRead = useMay('deliveries:read');
  return useMay('deliveries:write') && mayRead;
}

/** Sends an endpoint an event that is none, and shows what it answers. Those who may not do that see nothing. */
export function SendTestEvent({ endpoint }: { endpoint: TestedEndpoint }) {
  const [isOpen, setOpen] = useState(false);
  if (!useMayTest()) return null;
  return (
    <>
      <Button onPress={() => setOpen(true)}>Send test event</Button>
      {isOpen && <TestEventDialog endpoint={endpoint} onClose={() => setOpen(false)} />}
    </>
  );
}
