import './shell.css';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { isFramed } from '../api/product.js';
import { signOut } from '../api/session.js';
import { type Scope, useMay, useViewer } from '../api/viewer.js';
import { IconButton } from '../elements/button.js';
import { Icon, type IconName } from '../elements/icon.js';
import { Tooltip } from '../elements/tooltip.js';
import { LiveSign } from './live-sign.js';
import { setTheme, type Theme, useTheme } from './theme.js';

/** What is around every page. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <div className="shell">
      <a href="#content" className="shell__skip">
        Skip to the content
      </a>
      <aside className="shell__side">
        <Link href="/" className="shell__name">
          Webhooks
        </Link>
        <nav aria-label="Pages" className="shell__nav">
          <NavLink href="/endpoints" icon="endpoints" scope="endpoints:read">
            Endpoints
          </NavLink>
          <NavLink href="/deliveries" icon="deliveries" scope="deliveries:read">
            Deliveries
          </NavLink>
          {/* A page of its own, with its own policy, which is shown in no frame. */}
          {!isFramed() && (
            <a href="/graphiql" className="shell__link">
              <Icon name="explorer" />
              Explorer
            </a>
          )}
        </nav>
        <Account />
      </aside>
      <main id="content" tabIndex={-1} className="shell__content">
        {children}
      </main>
      <LiveSign />
    </div>
  );
}

function NavLink({ href, icon, scope, children }: { href: string; icon: IconName; scope: Scope; children: string }) {
  const [path] = useLocation();
  if (!useMay(scope)) return null;
  const isHere = path === href || path.startsWith(`${href}/`);
  return (
    <Link href={href} className="shell__link" aria-current={isHere ? 'page' : undefined}>
      <Icon name={icon} />
      {children}
    </Link>
  );
}

const NEXT_THEME: Record<Theme, { next: Theme; icon: IconName; label: string }> = {
  system: { next: 'light', icon: 'themeSystem', label: 'Colours: as your device. Change to light' },
  light: { next: 'dark', icon: 'themeLight', label: 'Colours: light. Change to dark' },
  dark: { next: 'system', icon: 'themeDark', label: 'Colours: dark. Change to those of your device' },
};

function Account() {
  const { accountId } = useViewer();
  const { next, icon, label } = NEXT_THEME[useTheme()];
  return (
    <div className="shell__account">
      <span className="shell__account-name ellipsis" title={`Account ${accountId}`}>
        {accountId}
      </span>
      <Tooltip text={label}>
        <IconButton icon={icon} label={label} onPress={() => setTheme(next)} />
      </Tooltip>
      {/* Whom a product has signed in, it signs out. */}
      {!isFramed() && (
        <Tooltip text="Sign out">
          <IconButton icon="signOut" label="Sign out" onPress={signOut} />
        </Tooltip>
      )}
    </div>
  );
}
