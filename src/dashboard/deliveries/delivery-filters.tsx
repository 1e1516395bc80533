import { useId } from 'react';
import { usePages } from '../api/pages.js';
import { useApiQuery } from '../api/query.js';
import { EndpointNamesDocument, EventTypesDocument } from '../documents.js';
import { Button } from '../elements/button.js';
import { Select } from '../elements/choice.js';
import { SearchField } from '../elements/field.js';
import { type DeliverySelection, isNarrowed, NOTHING_SELECTED, SPANS, STATUSES } from './delivery-selection.js';

interface FiltersProps {
  selection: DeliverySelection;
  select: (change: Partial<DeliverySelection>) => void;
  /** Whether one of several endpoints can be chosen. */
  withEndpoints: boolean;
}

/** What of the log to show. */
export function DeliveryFilters({ selection, select, withEndpoints }: FiltersProps) {
  const types = useApiQuery(EventTypesDocument, {}).data?.eventTypes ?? [];
  const { status, eventType, eventId, span } = selection;
  const typeNames = withChosen(
    types.map(({ name }) => name),
    eventType,
  );
  return (
    <>
      <Select
        label="Status"
        isLabelHidden
        options={STATUSES}
        value={status}
        onChange={(value) => select({ status: value })}
      />
      <Select
        label="Event"
        isLabelHidden
        options={[{ value: '', label: 'Any event' }, ...typeNames.map((name) => ({ value: name, label: name }))]}
        value={eventType}
        onChange={(value) => select({ eventType: value })}
      />
      {withEndpoints && (
        <EndpointFilter value={selection.endpointId} onChange={(endpointId) => select({ endpointId })} />
      )}
      <Select
        label="Time"
        isLabelHidden
        options={SPANS}
        value={span}
        onChange={(value) => select({ span: value, from: '', to: '' })}
      />
      {span === 'custom' && (
        <>
          <TimeField label="From" value={selection.from} onChange={(from) => select({ from })} />
          <TimeField label="To" value={selection.to} onChange={(to) => select({ to })} />
        </>
      )}
      <SearchField
        label="Event ID"
        placeholder="Event ID, evt_…"
        value={eventId}
        onChange={(text) => select({ eventId: text.trim() })}
      />
      {isNarrowed(selection) && (
        <Button look="quiet" onPress={() => select(NOTHING_SELECTED)}>
          Show all
        </Button>
      )}
    </>
  );
}

function EndpointFilter({ value, onChange }: { value: string; onChange: (endpointId: string) => void }) {
  const { list } = usePages(EndpointNamesDocument, 'endpoints', {});
  const known = new Map(list?.nodes.map(({ id, url }) => [id, url]));
  const ids = withChosen([...known.keys()], value);
  const options = ids.map((id) => ({ value: id, label: (known.get(id) ?? id).replace(/^https:\/\//, '') }));
  return (
    <Select
      label="Endpoint"
      isLabelHidden
      options={[{ value: '', label: 'Any endpoint' }, ...options]}
      value={value}
      onChange={onChange}
    />
  );
}

/** What is chosen is among the choices even when it was never heard of, or is gone. */
function withChosen(choices: readonly string[], chosen: string): readonly string[] {
  return !chosen || choices.includes(chosen) ? choices : [...choices, chosen];
}

/** A moment in the reader's own zone. */
function TimeField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <label htmlFor={id} className="deliveries__time">
      <span className="quiet">{label}</span>
      <input
        id={id}
        type="datetime-local"
        className="field__input"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
