import { Component, type ReactNode } from 'react';
import { Alert } from '../elements/message.js';

/** A fault of ours in one page leaves the rest of the dashboard alone. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <div className="page__section page__section--alone">
        <Alert onRetry={() => this.setState({ hasFailed: false })}>
          This page has failed, which is our fault. Nothing that you sent is lost.
        </Alert>
      </div>
    );
  }
}
