import type { EventTypes } from '../documents.js';
import { Checkbox } from '../elements/choice.js';
import { isWithin, prefixesOf } from './receives.js';

interface EventCategoryProps {
  name: string;
  types: EventTypes['eventTypes'];
  /** Names of types, and prefixes; those of other categories as well. */
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

/** The types of a category, and the prefixes that stand for all of them that begin alike. */
export function EventCategory({ name: category, types, chosen, onChange }: EventCategoryProps) {
  const names = types.map(({ name }) => name);
  const prefixes = [
    ...new Set([...prefixesOf(names), ...chosen.filter((one) => names.some((name) => isWithin(name, one)))]),
  ];
  const comesByPrefix = (name: string) => chosen.some((pattern) => isWithin(name, pattern));
  const isChosen = (name: string) => chosen.includes(name) || comesByPrefix(name);
  const count = names.filter(isChosen).length;
  const add = (patterns: readonly string[]) => onChange([...chosen, ...patterns]);
  const remove = (patterns: readonly string[]) => onChange(chosen.filter((one) => !patterns.includes(one)));
  return (
    <fieldset className="event-choice__category">
      <legend className="visually-hidden">{category}</legend>
      <Checkbox
        isSelected={count === names.length}
        isIndeterminate={count > 0 && count < names.length}
        onChange={(all) => (all ? add(names.filter((name) => !isChosen(name))) : remove([...names, ...prefixes]))}
      >
        <span className="event-choice__name">{category}</span>
      </Checkbox>
      <div className="event-choice__types">
        {prefixes.map((prefix) => (
          <Checkbox
            key={prefix}
            isSelected={chosen.includes(prefix)}
            // What comes by the prefix need not be named any more.
            onChange={(wanted) =>
              wanted ? onChange([...chosen.filter((one) => !isWithin(one, prefix)), prefix]) : remove([prefix])
            }
          >
            <span className="event-choice__type">
              {prefix} <span className="quiet">also later ones</span>
            </span>
          </Checkbox>
        ))}
        {types.map(({ name, description, deprecatedAt, deprecationReason }) => (
          <Checkbox
            key={name}
            isSelected={isChosen(name)}
            isDisabled={comesByPrefix(name)}
            onChange={(wanted) => (wanted ? add([name]) : remove([name]))}
          >
            <span className="event-choice__type" title={deprecationReason ?? description}>
              {name} {deprecatedAt && <span className="quiet">deprecated</span>}
            </span>
          </Checkbox>
        ))}
      </div>
    </fieldset>
  );
}
