import '../styles/theme.css';
import '../styles/base.css';
import 'graphiql/style.css';
import './explorer.css';
// Its workers, as files of our own.
import 'graphiql/setup-workers/vite';
import { createRoot } from 'react-dom/client';
import { openSession, useSession } from '../api/session.js';
import { SignIn } from '../shell/sign-in.js';
import { openTheme } from '../shell/theme.js';
import { Explorer } from './explorer.js';

/** The explorer: whoever is signed in to the dashboard is signed in here. */
function App() {
  const session = useSession();
  if (session.status !== 'signed-in') return <SignIn key={session.status} session={session} />;
  return <Explorer credential={session.credential} />;
}

openTheme();
openSession();
createRoot(document.getElementById('root')!).render(<App />);
