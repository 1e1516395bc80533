import './field.css';
import type { ReactNode } from 'react';
import {
  SearchField as AriaSearchField,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Input,
  type InputProps,
  Label,
  Text,
  TextArea,
} from 'react-aria-components';
import { Icon } from './icon.js';

interface TextFieldProps extends AriaTextFieldProps {
  label: string;
  /** Read out only. */
  isLabelHidden?: boolean;
  /** What to type, and what it is for. */
  help?: ReactNode;
  /** What is wrong with what was typed; stands at the field and is read out. */
  error?: string | null;
  placeholder?: string;
  /** More than one line. */
  rows?: number;
  /** Text that a program reads: URLs, keys, JSON. */
  isCode?: boolean;
  inputProps?: InputProps;
}

export function TextField(given: TextFieldProps) {
  const { label, isLabelHidden, help, error, placeholder, rows, isCode, inputProps, ...props } = given;
  const look = `field__input${isCode ? ' field__input--code' : ''}`;
  const shared = { placeholder, className: look, ...(isCode && { spellCheck: false, autoCapitalize: 'off' }) };
  return (
    <AriaTextField {...props} isInvalid={Boolean(error)} validationBehavior="aria" className="field">
      <Label className={isLabelHidden ? 'visually-hidden' : 'field__label'}>{label}</Label>
      {rows ? <TextArea {...shared} rows={rows} /> : <Input {...shared} {...inputProps} />}
      {help && (
        <Text slot="description" className="field__help">
          {help}
        </Text>
      )}
      <FieldError className="field__error">{error}</FieldError>
    </AriaTextField>
  );
}

/** Its label is read out; what it searches is said by the placeholder. */
export function SearchField({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <AriaSearchField aria-label={label} value={value} onChange={onChange} className="search">
      <Icon name="search" />
      <Input className="field__input search__input" placeholder={placeholder} spellCheck={false} />
    </AriaSearchField>
  );
}
