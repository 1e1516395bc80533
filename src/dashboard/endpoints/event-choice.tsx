import { type ReactNode, useId } from 'react';
import { Radio, RadioGroup } from 'react-aria-components';
import { useApiQuery } from '../api/query.js';
import { EventTypesDocument } from '../documents.js';
import { EventCategory } from './event-category.js';
import { receives } from './receives.js';

interface EventChoiceProps {
  allEvents: boolean;
  eventTypes: readonly string[];
  error: string | null;
  onChange: (change: { allEvents?: boolean; eventTypes?: readonly string[] }) => void;
}

/** All events, or some, category by category. */
export function EventChoice({ allEvents, eventTypes, error, onChange }: EventChoiceProps) {
  const errorId = useId();
  return (
    <div className="field">
      <RadioGroup
        aria-label="Events"
        isInvalid={error !== null}
        validationBehavior="aria"
        aria-describedby={error === null ? undefined : errorId}
        value={allEvents ? 'all' : 'some'}
        onChange={(value) => onChange({ allEvents: value === 'all' })}
        className="event-choice__kind"
      >
        <span className="field__label">Events</span>
        <RadioOption value="all">
          All events <span className="quiet">also those that are added later</span>
        </RadioOption>
        <RadioOption value="some">Specific events</RadioOption>
      </RadioGroup>
      {!allEvents && <Types chosen={eventTypes} onChange={(types) => onChange({ eventTypes: types })} />}
      {error && (
        <p id={errorId} className="field__error">
          {error}
        </p>
      )}
    </div>
  );
}

function RadioOption({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Radio value={value} className="radio">
      <span className="radio__dot" />
      <span>{children}</span>
    </Radio>
  );
}

function Types({ chosen, onChange }: { chosen: readonly string[]; onChange: (types: readonly string[]) => void }) {
  const { data, trouble, reload } = useApiQuery(EventTypesDocument, {});
  if (trouble && !data) {
    return (
      <p className="field__error">
        {trouble}{' '}
        <button type="button" className="link" onClick={reload}>
          Try again
        </button>
      </p>
    );
  }
  // A deprecated type is shown to whoever has it, so that it can be given up.
  const has = (name: string) => receives({ allEvents: false, eventTypes: chosen }, name);
  const offered = (data?.eventTypes ?? []).filter(({ name, deprecatedAt }) => !deprecatedAt || has(name));
  const categories = Map.groupBy(offered, ({ category }) => category);
  return (
    <div className="event-choice__categories">
      {[...categories].map(([category, types]) => (
        <EventCategory key={category} name={category} types={types} chosen={chosen} onChange={onChange} />
      ))}
    </div>
  );
}
