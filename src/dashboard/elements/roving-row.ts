import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from 'react';

const PAGE = 10;

/** Which row the tab key stops at, and where the arrow keys go from there. */
export function useRovingRow<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  body: RefObject<HTMLElement | null>,
) {
  const [key, setKey] = useState<string | null>(null);
  const isMoving = useRef(false);
  const found = key === null ? -1 : rows.findIndex((row) => keyOf(row) === key);
  const index = Math.max(found, 0);
  useLayoutEffect(() => {
    if (!isMoving.current || key === null) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (!row) return;
    isMoving.current = false;
    row.focus({ preventScroll: true });
  });
  const go = (to: number) => {
    isMoving.current = true;
    setKey(keyOf(rows[to]!));
  };
  return {
    row: rows[index],
    isStop: (row: Row) => row === rows[index],
    set: (row: Row) => setKey(keyOf(row)),
    /** Where a key leads; null for keys that lead nowhere. The row gets the focus as soon as it is there. */
    move(event: KeyboardEvent): number | null {
      const to = destinationOf(event.key, index, rows.length);
      if (to === null || rows.length === 0) return null;
      event.preventDefault();
      go(to);
      return to;
    },
    go,
    keepIn(range: Range): number[] {
      const shown = defaultRangeExtractor(range);
      if (index >= rows.length || shown.includes(index)) return shown;
      return [...shown, index].sort((a, b) => a - b);
    },
  };
}

function destinationOf(key: string, from: number, count: number): number | null {
  const last = count - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(from + 1, last);
    case 'ArrowUp':
      return Math.max(from - 1, 0);
    case 'PageDown':
      return Math.min(from + PAGE, last);
    case 'PageUp':
      return Math.max(from - PAGE, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
