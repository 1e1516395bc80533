import './message.css';
import type { ReactNode } from 'react';
import { Button } from './button.js';
import { Icon } from './icon.js';

/** Nothing is there: what that means, and what to do next. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <p className="quiet">{children}</p>}
      {action}
    </div>
  );
}

/** Something did not work, or needs to be known; read out at once. */
export function Alert({
  tone = 'bad',
  children,
  onRetry,
}: {
  tone?: 'bad' | 'warn';
  children: ReactNode;
  onRetry?: () => void;
}) {
  return (
    <div role="alert" className={`alert alert--${tone}`}>
      <Icon name="alert" />
      <div className="alert__words">{children}</div>
      {onRetry && <Button onPress={onRetry}>Try again</Button>}
    </div>
  );
}
