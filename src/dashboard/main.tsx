import './styles/theme.css';
import './styles/base.css';
import { createRoot } from 'react-dom/client';
import { openSession } from './api/session.js';
import { App } from './app.js';
import { openTheme } from './shell/theme.js';

openTheme();
openSession();
createRoot(document.getElementById('root')!).render(<App />);
