import './endpoint-form.css';
import { type FormEvent, useEffect, useRef } from 'react';
import { Button, LinkButton } from '../elements/button.js';
import { Select } from '../elements/choice.js';
import { TextField } from '../elements/field.js';
import { Alert } from '../elements/message.js';
import { type EndpointValues, type FieldError, type FieldName, fieldOf } from './endpoint-values.js';
import { EventChoice } from './event-choice.js';
import { HeaderFields } from './header-fields.js';
import { useUrlCheck } from './use-url-check.js';

interface EndpointFormProps {
  values: EndpointValues;
  onChange: (values: EndpointValues) => void;
  /** What was wrong with what was sent last. */
  errors: readonly FieldError[];
  /** What else went wrong. */
  trouble: string | null;
  isUnderWay: boolean;
  submitLabel: string;
  onSubmit: () => void;
  /** Where leaving it leads. */
  cancelHref: string;
  /** Of an endpoint that is there: its address has been checked already. */
  knownUrl?: string;
}

const FORMATS = [
  { value: 'SHA256', label: 'sha256=<hex>' },
  { value: 'TIMESTAMPED', label: 't=<time>,v1=<hex>, which dates the request' },
] as const;

/** What an endpoint is to be: the same to add one and to change one. */
export function EndpointForm(props: EndpointFormProps) {
  const { values, onChange, errors, trouble, isUnderWay, submitLabel, onSubmit, cancelHref, knownUrl } = props;
  const set = (change: Partial<EndpointValues>) => onChange({ ...values, ...change });
  // What is about one header stands at that.
  const errorAt = (name: FieldName) =>
    errors.find((error) => fieldOf(error) === name && (error.field?.length ?? 0) < 3)?.message ?? null;
  const urlFault = useUrlCheck(values.url === knownUrl ? '' : values.url);
  const form = useRef<HTMLFormElement>(null);
  useFocusOnFault(form, errors);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isUnderWay) onSubmit();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate className="endpoint-form">
      {trouble && <Alert>{trouble}</Alert>}
      {errors
        .filter((error) => fieldOf(error) === null)
        .map(({ message }) => (
          <Alert key={message}>{message}</Alert>
        ))}
      <TextField
        label="Endpoint URL"
        help="Events are sent here with POST. It has to be HTTPS."
        placeholder="https://example.com/webhooks"
        isCode
        inputProps={{ inputMode: 'url', autoComplete: 'off' }}
        value={values.url}
        onChange={(url) => set({ url })}
        error={urlFault ?? errorAt('url')}
      />
      <EventChoice
        allEvents={values.allEvents}
        eventTypes={values.eventTypes}
        error={errorAt('eventTypes')}
        onChange={set}
      />
      <TextField
        label="Description"
        help="For people: whose it is, or what it does. Optional."
        value={values.description}
        onChange={(description) => set({ description })}
        error={errorAt('description')}
      />
      <details className="endpoint-form__advanced">
        <summary>Advanced</summary>
        <div className="endpoint-form__fields">
          <Select
            label="Signature format"
            options={FORMATS}
            value={values.signatureFormat}
            onChange={(signatureFormat) => set({ signatureFormat })}
          />
          <TextField
            label="Retries"
            help="The wait before each, such as 1m, 5m, 30m, 2h, 1d; none for no retries. Empty: those of the service."
            isCode
            value={values.retrySchedule}
            onChange={(retrySchedule) => set({ retrySchedule })}
            error={errorAt('retryScheduleSeconds')}
          />
          <TextField
            label="Rate limit"
            help="Requests a second, at most. Empty: no limit."
            inputProps={{ inputMode: 'numeric' }}
            value={values.rateLimit}
            onChange={(rateLimit) => set({ rateLimit })}
            error={errorAt('rateLimitPerSecond')}
          />
          <HeaderFields headers={values.headers} errors={errors} onChange={(headers) => set({ headers })} />
          {errorAt('headers') && <p className="field__error">{errorAt('headers')}</p>}
        </div>
      </details>
      <div className="endpoint-form__actions">
        <Button type="submit" look="primary" isPending={isUnderWay}>
          {submitLabel}
        </Button>
        <LinkButton href={cancelHref}>Cancel</LinkButton>
      </div>
    </form>
  );
}

/** What is wrong is where the reader goes on, also where that was folded away. */
function useFocusOnFault(form: React.RefObject<HTMLFormElement | null>, errors: readonly FieldError[]): void {
  useEffect(() => {
    if (errors.length === 0) return;
    const faulty = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    const folded = faulty?.closest('details');
    if (folded) folded.open = true;
    const choice = faulty?.matches('[role="radiogroup"]') && faulty.querySelector<HTMLElement>('input:checked');
    (choice || faulty)?.focus();
  }, [form, errors]);
}
