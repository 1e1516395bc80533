import './choice.css';
import type { ReactNode } from 'react';
import {
  Checkbox as AriaCheckbox,
  Select as AriaSelect,
  Switch as AriaSwitch,
  Button,
  type CheckboxProps,
  type Key,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  type SwitchProps,
} from 'react-aria-components';
import { Icon } from './icon.js';

export function Checkbox({ children, ...props }: Omit<CheckboxProps, 'children'> & { children?: ReactNode }) {
  return (
    <AriaCheckbox {...props} className="checkbox">
      {({ isIndeterminate }) => (
        <>
          <span className="checkbox__box">
            {isIndeterminate ? <span className="checkbox__some" /> : <Icon name="check" />}
          </span>
          {children}
        </>
      )}
    </AriaCheckbox>
  );
}

export function Switch({ children, ...props }: Omit<SwitchProps, 'children'> & { children?: ReactNode }) {
  return (
    <AriaSwitch {...props} className="switch">
      <span className="switch__track" />
      {children}
    </AriaSwitch>
  );
}

export interface Option<Value extends string> {
  value: Value;
  label: string;
}

/** One of a few. Without a visible label, `label` is read out only. */
export function Select<Value extends string>({
  label,
  isLabelHidden = false,
  options,
  value,
  onChange,
}: {
  label: string;
  isLabelHidden?: boolean;
  options: readonly Option<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  const select = (key: Key | null) => key !== null && onChange(key as Value);
  return (
    <AriaSelect aria-label={isLabelHidden ? label : undefined} value={value} onChange={select} className="select">
      {!isLabelHidden && <Label className="field__label">{label}</Label>}
      <Button className="button button--plain select__button">
        <SelectValue className="select__value" />
        <Icon name="chevronDown" />
      </Button>
      <Popover className="popover">
        <ListBox className="list" items={options}>
          {({ value: id, label: text }: Option<Value>) => (
            <ListBoxItem id={id} textValue={text} className="list__item">
              {({ isSelected }) => (
                <>
                  <span className="list__check">{isSelected && <Icon name="check" />}</span>
                  {text}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
