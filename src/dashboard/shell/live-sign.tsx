import './live-sign.css';
import { useEffect, useState } from 'react';
import { useApi, useConnectionState } from '../api/context.js';
import { Button } from '../elements/button.js';
import { useClock } from '../elements/timestamp.js';

/** Shorter absences are nobody's concern. */
const QUIET_MS = 1_500;
/** From here on it is no hiccup. */
const LONG_MS = 15_000;

/** How long it is said that all is well again. */
const BACK_MS = 4_000;

/** Says when what is shown may not be how things are, and when it is again. Nothing moves to make room for it. */
export function LiveSign() {
  const { connection } = useApi();
  const state = useConnectionState();
  const since = state.status === 'away' ? state.sinceMs : Infinity;
  const stage = useClock((now) => (now - since < QUIET_MS ? 'quiet' : now - since < LONG_MS ? 'away' : 'lost'));
  const isConnected = state.status === 'connected';
  const isBack = useIsBack(isConnected, stage !== 'quiet');
  return (
    <div role="status" className="live-sign">
      {!isConnected && stage !== 'quiet' && (
        <div className="live-sign__words">
          <span className="live-sign__dot" />
          {stage === 'away' ? wordsWhileAway(state.before) : 'No connection. What you see may be out of date.'}
          {stage === 'lost' && (
            <Button look="quiet" onPress={connection.tryNow}>
              Try now
            </Button>
          )}
        </div>
      )}
      {isBack && (
        <div className="live-sign__words">
          <span className="live-sign__dot live-sign__dot--good" />
          Connected again. What was missed is being fetched.
        </div>
      )}
    </div>
  );
}

/** True for a while after an absence that was told. */
function useIsBack(isConnected: boolean, isTold: boolean): boolean {
  const [wasTold, setWasTold] = useState(false);
  if (!isConnected && isTold && !wasTold) setWasTold(true);
  useEffect(() => {
    if (!isConnected || !wasTold) return;
    const timer = window.setTimeout(() => setWasTold(false), BACK_MS);
    return () => window.clearTimeout(timer);
  }, [isConnected, wasTold]);
  return isConnected && wasTold;
}

function wordsWhileAway(before: boolean): string {
  return before ? 'Connection lost. Reconnecting…' : 'Connecting…';
}
