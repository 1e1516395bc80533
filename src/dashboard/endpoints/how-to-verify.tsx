import { useState } from 'react';
import type { SignatureFormat } from '../documents.js';
import { CodeBlock } from '../elements/code-block.js';
import { SegmentedChoice } from '../elements/segmented-choice.js';
import { standardSnippet, verificationSnippet } from './verification-snippet.js';

interface HowToVerifyProps {
  endpoint: { url: string; signatureHeader: string; signatureFormat: SignatureFormat };
}

/** The code that checks the signatures of an endpoint's requests, for either of the two that they carry. */
export function HowToVerify({ endpoint }: HowToVerifyProps) {
  const [kind, setKind] = useState<'own' | 'standard'>('own');
  const options = [
    { value: 'own', label: endpoint.signatureHeader },
    { value: 'standard', label: 'Standard Webhooks' },
  ] as const;
  const text = kind === 'own' ? verificationSnippet(endpoint) : standardSnippet(endpoint);
  return (
    <div className="how-to-verify">
      <SegmentedChoice label="Which signature" options={options} value={kind} onChange={setKind} />
      <CodeBlock text={text} label="verification code" />
    </div>
  );
}
