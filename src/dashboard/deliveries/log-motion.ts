import { useEffect, useEffectEvent, useState } from 'react';
import type { ListedDelivery } from './delivery-feed.js';

/** How long rows take to move when one comes in. */
const ARRIVAL_MS = 250;

/** Calls back when the reader has come back to the top. */
export function useReturnToTop(isAtTop: () => boolean, onReturn: () => void): void {
  const onScroll = useEffectEvent(() => isAtTop() && onReturn());
  useEffect(() => {
    const listener = () => onScroll();
    window.addEventListener('scroll', listener, { passive: true });
    return () => window.removeEventListener('scroll', listener);
  }, []);
}

/** Whether a row has come in above the others a moment ago: then they move, instead of being somewhere else. */
export function useArrivals(rows: readonly ListedDelivery[] | undefined): boolean {
  const first = rows?.[0]?.id;
  const [seen, setSeen] = useState(first);
  const isArriving = seen !== undefined && first !== undefined && first > seen;
  useEffect(() => {
    const timer = window.setTimeout(() => setSeen(first), isArriving ? ARRIVAL_MS : 0);
    return () => window.clearTimeout(timer);
  }, [first, isArriving]);
  return isArriving;
}
