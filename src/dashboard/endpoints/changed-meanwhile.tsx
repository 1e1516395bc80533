import { useEffect, useRef } from 'react';
import type { EndpointSettings } from '../documents.js';
import { Button } from '../elements/button.js';
import { Alert } from '../elements/message.js';
import { changedFields } from './endpoint-values.js';

interface ChangedMeanwhileProps {
  /** What the reader began with. */
  base: EndpointSettings;
  /** What somebody else has made of it. */
  current: EndpointSettings;
  onSave: () => void;
  onStartAgain: () => void;
}

/** Somebody was quicker: what they have changed, and what can be done about it. */
export function ChangedMeanwhile({ base, current, onSave, onStartAgain }: ChangedMeanwhileProps) {
  const box = useRef<HTMLDivElement>(null);
  // The reader has just pressed a button far below.
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const changed = changedFields(base, current);
  return (
    <div ref={box} className="page__section changed-meanwhile">
      <Alert tone="warn">
        <p>
          {changed.length === 0
            ? 'Somebody else has changed this endpoint since you opened it, though none of what is below.'
            : `Somebody else has changed this endpoint since you opened it: ${changed.join(', ')}. What you have not touched stays as they have it.`}
        </p>
        <p className="changed-meanwhile__actions">
          <Button onPress={onSave}>Save my changes as well</Button>
          <Button onPress={onStartAgain}>Start again from theirs</Button>
        </p>
      </Alert>
    </div>
  );
}
