import { useMemo, useState } from 'react';
import { Button } from '../elements/button.js';
import { CodeBlock } from '../elements/code-block.js';
import { count } from '../elements/figures.js';
import { formatJson } from './format-json.js';

interface BodyViewProps {
  /** Such as `response body`. */
  label: string;
  text: string;
  /** Whether there was more that was not kept. */
  isTruncated?: boolean;
}

/** So much is shown at first: laying out a quarter of a megabyte takes a while. */
const SHOWN = 20_000;
/** What stands for a byte that is no text. */
const NO_TEXT = '\uFFFD';

/** A body: JSON in lines that can be read or as it was sent, everything else as it is. Nothing in it is ever run. */
export function BodyView({ label, text, isTruncated = false }: BodyViewProps) {
  const [isRaw, setRaw] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const pretty = useMemo(() => formatJson(text), [text]);
  if (text === '') return <p className="quiet">Empty</p>;
  const formatted = isRaw ? text : (pretty ?? text);
  const shown = isWhole ? formatted : formatted.slice(0, SHOWN);
  return (
    <div className="body">
      <CodeBlock text={shown} copied={text} label={label} />
      <div className="body__notes">
        {pretty !== null && (
          <Button look="quiet" onPress={() => setRaw(!isRaw)}>
            {isRaw ? 'Show formatted' : 'Show as sent'}
          </Button>
        )}
        {shown.length < formatted.length && (
          <Button look="quiet" onPress={() => setWhole(true)}>
            {`Show all ${count(formatted.length)} characters`}
          </Button>
        )}
        {isTruncated && <span className="quiet">Cut off: only the first 64 KiB are kept.</span>}
        {text.includes(NO_TEXT) && (
          <span className="quiet">Not all of it is text: each byte that is none is shown as {NO_TEXT}.</span>
        )}
      </div>
    </div>
  );
}
