import { useEffect, useRef } from 'react';

/** In longer lists, the End key goes to the end of what is loaded. */
const END_REACHES = 1_000;

interface WayToEnd {
  /** From here on it goes to the last row, and on as more are loaded. */
  begin(): void;
  /** The reader goes elsewhere. */
  stop(): void;
}

/** Follows the End key through a list that is loaded as one comes to its end. */
export function useWayToEnd(
  loadedCount: number,
  totalCount: number | null,
  goTo: (lastIndex: number) => void,
): WayToEnd {
  const isOnWay = useRef(false);
  const isMore = loadedCount < (totalCount ?? 0);
  useEffect(() => {
    if (!isOnWay.current || loadedCount === 0) return;
    isOnWay.current = isMore;
    goTo(loadedCount - 1);
  }, [loadedCount]);
  return {
    begin() {
      isOnWay.current = isMore && totalCount! <= END_REACHES;
    },
    stop() {
      isOnWay.current = false;
    },
  };
}
