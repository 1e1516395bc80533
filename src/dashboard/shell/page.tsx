import './page.css';
import { type ReactNode, useEffect, useRef } from 'react';

/** Whether this is the page that the dashboard was opened with: then the focus is where the browser puts it. */
let isFirst = true;

interface PageProps {
  title: string;
  /** Beside the title. */
  actions?: ReactNode;
  /** Above the title: where this page belongs. */
  above?: ReactNode;
  children: ReactNode;
}

/** A page: its title is the window's, too, and takes the focus, so that a screen reader says where one has come. */
export function Page({ title, actions, above, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Webhooks`;
  }, [title]);
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return (
    <>
      <header className="page__header">
        {above}
        <div className="page__title">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {actions && <div className="page__actions">{actions}</div>}
        </div>
      </header>
      {children}
    </>
  );
}
