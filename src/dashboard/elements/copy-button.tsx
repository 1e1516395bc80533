import { useEffect, useState } from 'react';
import { Button, IconButton } from './button.js';

const SHOWN_MS = 2_000;

/** Puts text on the clipboard and says that it did, to the eye and to the ear. With `children` it has words of its own. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: string }) {
  const [result, setResult] = useState<'Copied' | 'Not copied' | null>(null);
  useEffect(() => {
    if (!result) return;
    const timer = window.setTimeout(() => setResult(null), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [result]);
  const copy = async () => setResult((await copyText(text)) ? 'Copied' : 'Not copied');
  const icon = result === 'Copied' ? 'check' : 'copy';
  return (
    <>
      {children ? (
        <Button icon={icon} onPress={copy}>
          {result ?? children}
        </Button>
      ) : (
        <IconButton icon={icon} label={result ?? label} onPress={copy} />
      )}
      <span role="status" className="visually-hidden">
        {result}
      </span>
    </>
  );
}

/** Browsers keep the clipboard from pages without TLS and from frames; there the old way may do. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    // Within a dialog the focus cannot leave it.
    (document.activeElement?.parentElement ?? document.body).append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}
