import './code-block.css';
import { CopyButton } from './copy-button.js';

/** Text as it is: whatever it contains, it is shown and never run. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it. */}
      <section className="code__text" tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
      <CopyButton text={text} label={`Copy ${label}`} />
    </div>
  );
}
