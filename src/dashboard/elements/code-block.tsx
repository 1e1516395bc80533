import './code-block.css';
import { CopyButton } from './copy-button.js';

interface CodeBlockProps {
  text: string;
  label: string;
  /** What is copied, where that is not what is shown. */
  copied?: string;
}

/** Text as it is: whatever it contains, it is shown and never run. */
export function CodeBlock({ text, label, copied = text }: CodeBlockProps) {
  return (
    <div className="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it. */}
      <section className="code__text" tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
      <CopyButton text={copied} label={`Copy ${label}`} />
    </div>
  );
}
