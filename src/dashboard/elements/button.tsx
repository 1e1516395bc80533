import './button.css';
import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps, Link, type LinkProps } from 'react-aria-components';
import { Icon, type IconName } from './icon.js';

type Look = 'plain' | 'primary' | 'danger' | 'quiet';

interface Shared {
  look?: Look;
  icon?: IconName;
  children?: ReactNode;
}

/** While `isPending` it can neither be pressed again nor lose the focus. */
export function Button({ look = 'plain', icon, children, ...props }: Shared & Omit<AriaButtonProps, 'children'>) {
  return (
    <AriaButton {...props} className={`button button--${look}`}>
      {icon && <Icon name={icon} />}
      {children}
      {props.isPending && <span className="button__pending" role="progressbar" aria-label="Under way" />}
    </AriaButton>
  );
}

/** A button without words; its name is read out and shown on hover. */
export function IconButton({ icon, label, ...props }: { icon: IconName; label: string } & AriaButtonProps) {
  return (
    <AriaButton {...props} aria-label={label} className="button button--quiet button--icon">
      <Icon name={icon} />
    </AriaButton>
  );
}

/** Looks like a button and goes somewhere. */
export function LinkButton({ look = 'plain', icon, children, ...props }: Shared & Omit<LinkProps, 'children'>) {
  return (
    <Link {...props} className={`button button--${look}`}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}
