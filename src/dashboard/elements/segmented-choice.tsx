import './segmented-choice.css';
import { Radio, RadioGroup } from 'react-aria-components';
import type { Option } from './choice.js';

interface SegmentedChoiceProps<Value extends string> {
  /** Read out only. */
  label: string;
  options: readonly Option<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}

/** One of two or three that are all to be seen. */
export function SegmentedChoice<Value extends string>({
  label,
  options,
  value,
  onChange,
}: SegmentedChoiceProps<Value>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onChange={(chosen) => onChange(chosen as Value)}
      orientation="horizontal"
      className="segments"
    >
      {options.map((option) => (
        <Radio key={option.value} value={option.value} className="segments__option">
          {option.label}
        </Radio>
      ))}
    </RadioGroup>
  );
}
