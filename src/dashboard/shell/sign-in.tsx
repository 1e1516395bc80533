import './sign-in.css';
import { type FormEvent, useEffect, useState } from 'react';
import { isFramed } from '../api/product.js';
import { type Session, signIn } from '../api/session.js';
import { Button } from '../elements/button.js';
import { TextField } from '../elements/field.js';

/** Where those come who are not signed in, or not any more. */
export function SignIn({ session }: { session: Exclude<Session, { status: 'signed-in' }> }) {
  const [isTokenOver, setTokenOver] = useState(session.status === 'refused' && session.kind === 'token');
  useEffect(() => {
    document.title = 'Sign in · Webhooks';
  }, []);
  return (
    <main className="sign-in">
      {isTokenOver ? <SessionOver onOther={() => setTokenOver(false)} /> : <KeyForm session={session} />}
    </main>
  );
}

/** A product has opened the dashboard for its user, who has never seen a key. */
function SessionOver({ onOther }: { onOther: () => void }) {
  return (
    <div className="sign-in__box">
      <h1>Your session has ended</h1>
      <p className="quiet">
        Go back to where you came from and open the webhooks again{isFramed() ? ', or reload this page' : ''}.
      </p>
      {!isFramed() && (
        <Button look="quiet" onPress={onOther}>
          Sign in another way
        </Button>
      )}
    </div>
  );
}

function KeyForm({ session }: { session: Session }) {
  const [key, setKey] = useState('');
  const [isMissing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim()) signIn(key.trim());
    else setMissing(true);
  };
  const isRefused = session.status === 'refused' && session.kind === 'api-key' && key === '';
  const error = isMissing && !key ? 'Enter an API key.' : isRefused ? REFUSED : null;
  return (
    <form className="sign-in__box" onSubmit={submit} noValidate>
      <h1>Webhooks</h1>
      <p className="quiet">Sign in with an API key of this service.</p>
      <TextField
        label="API key"
        type="password"
        value={key}
        onChange={setKey}
        error={error}
        isCode
        autoFocus
        autoComplete="off"
        help="The first start of the service prints one, and so does: revkeen-webhooks keys create"
      />
      <Button type="submit" look="primary">
        Sign in
      </Button>
    </form>
  );
}

const REFUSED = 'The service does not accept this key. Check that it is complete, and not revoked or expired.';
