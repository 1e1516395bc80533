import './overlay.css';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { IconButton } from './button.js';

interface OverlayProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the end: what to do about it, and leaving it. */
  actions?: ReactNode;
}

/** Something to decide before going on. Escape closes it, and the focus goes back to where it was. */
export function Dialog(props: OverlayProps) {
  return <Overlay {...props} look="dialog" />;
}

/** Something to look at beside the list that it was opened from. */
export function Drawer(props: OverlayProps) {
  return <Overlay {...props} look="drawer" />;
}

function Overlay({ title, isOpen, onClose, children, actions, look }: OverlayProps & { look: 'dialog' | 'drawer' }) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={look === 'drawer'}
      className={`overlay overlay--${look}`}
    >
      <Modal className={look}>
        <AriaDialog className="overlay__content">
          <header className="overlay__header">
            <Heading slot="title" level={2} className="overlay__title">
              {title}
            </Heading>
            <IconButton icon="close" label="Close" onPress={onClose} />
          </header>
          <div className="overlay__body">{children}</div>
          {actions && <footer className="overlay__actions">{actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
