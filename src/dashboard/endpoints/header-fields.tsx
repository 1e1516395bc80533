import { Button, IconButton } from '../elements/button.js';
import { Checkbox } from '../elements/choice.js';
import { TextField } from '../elements/field.js';
import { type FieldError, type HeaderValues, isKept } from './endpoint-values.js';

interface HeaderFieldsProps {
  headers: readonly HeaderValues[];
  errors: readonly FieldError[];
  onChange: (headers: readonly HeaderValues[]) => void;
}

const MAX_HEADERS = 20;

/** The headers that every request is to carry, such as one that lets it through a gateway. */
export function HeaderFields({ headers, errors, onChange }: HeaderFieldsProps) {
  const set = (key: number, change: Partial<HeaderValues>) =>
    onChange(headers.map((header) => (header.key === key ? { ...header, ...change } : header)));
  const add = () => {
    const key = Math.max(-1, ...headers.map((header) => header.key)) + 1;
    onChange([...headers, { key, name: '', value: '', isSecret: false, hiddenAs: null }]);
  };
  return (
    <fieldset className="header-fields">
      <legend className="field__label">Headers</legend>
      {headers.map(({ key, name, value, isSecret, hiddenAs }, index) => (
        <div key={key} className="header-fields__row">
          <TextField
            label={`Name of header ${index + 1}`}
            isLabelHidden
            isCode
            placeholder="X-Name"
            value={name}
            onChange={(text) => set(key, { name: text })}
            error={errorAt(errors, index, 'name')}
          />
          <TextField
            label={`Value of header ${index + 1}`}
            isLabelHidden
            isCode
            placeholder={isKept({ key, name, value: '', isSecret, hiddenAs }) ? 'Unchanged' : 'Value'}
            value={value}
            onChange={(text) => set(key, { value: text })}
            error={errorAt(errors, index, 'value')}
          />
          <Checkbox isSelected={isSecret} onChange={(chosen) => set(key, { isSecret: chosen })}>
            Secret
          </Checkbox>
          <IconButton
            icon="close"
            label={`Remove header ${index + 1}`}
            onPress={() => onChange(headers.filter((header) => header.key !== key))}
          />
        </div>
      ))}
      {headers.length < MAX_HEADERS && (
        <div>
          <Button icon="add" onPress={add}>
            Add header
          </Button>
        </div>
      )}
      <p className="field__help">Secret values are stored encrypted, and never shown again.</p>
    </fieldset>
  );
}

/** An error of a header as a whole stands at its name. */
function errorAt(errors: readonly FieldError[], index: number, part: 'name' | 'value'): string | null {
  const found = errors.find(
    ({ field }) => field?.[1] === 'headers' && field[2] === String(index) && (field[3] ?? 'name') === part,
  );
  return found?.message ?? null;
}
