import './table.css';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { useMediaQuery } from './media-query.js';
import { useRovingRow } from './roving-row.js';
import { useTopOf } from './top-of.js';
import { useWayToEnd } from './way-to-end.js';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** A track of a CSS grid, such as `minmax(0, 1fr)`. */
  width: string;
  /** For figures. */
  isAtEnd?: boolean;
}

interface TableProps<Row> {
  label: string;
  /** On a phone, CSS places the cells by their ids: `.table__cell--status`. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Where a row leads. */
  hrefOf: (row: Row) => string;
  /** How many rows there are, those that are not loaded included; null when nobody knows. */
  totalCount: number | null;
  /** Called as the end of what is loaded comes near. */
  onNearEnd: () => void;
  className?: string;
  rowHeight?: { wide: number; phone: number };
}

const HEADER_HEIGHT = 32;
const ROW_HEIGHT = { wide: 42, phone: 68 };
/** So many rows before the end, more are asked for. */
const NEAR_END = 30;

/**
 * Thousands of rows, of which those in view exist; the page itself scrolls. It is one stop for the tab key: arrows, Home
 * and End move between rows, right and left to what a row can do and back, and Enter opens one.
 */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, keyOf, hrefOf, totalCount, onNearEnd, className = '', rowHeight = ROW_HEIGHT } = props;
  const [, navigate] = useLocation();
  const isPhone = useMediaQuery('(max-width: 40rem)');
  const height = isPhone ? rowHeight.phone : rowHeight.wide;
  const body = useRef<HTMLDivElement>(null);
  const roving = useRovingRow(rows, keyOf, body);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 10,
    scrollMargin: useTopOf(body),
    scrollPaddingStart: isPhone ? 0 : HEADER_HEIGHT,
    getItemKey: (index) => keyOf(rows[index]!),
    // The row that has the focus, or would get it, is there even out of view.
    rangeExtractor: (range) => roving.keepIn(range),
  });
  useEffect(() => virtual.measure(), [height]);

  const items = virtual.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastIndex >= rows.length - NEAR_END) onNearEnd();
  }, [lastIndex, rows.length, onNearEnd]);

  const wayToEnd = useWayToEnd(rows.length, totalCount, (last) => {
    roving.go(last);
    virtual.scrollToIndex(last);
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const row = roving.row;
    if (event.key === 'Enter' && row && event.target === event.currentTarget.querySelector('[tabindex="0"]')) {
      return navigate(hrefOf(row));
    }
    if (moveWithinRow(event)) return;
    const index = roving.move(event);
    if (index === null) return;
    virtual.scrollToIndex(index);
    if (event.key === 'End') wayToEnd.begin();
    else wayToEnd.stop();
  };
  const template = { '--columns': columns.map(({ width }) => width).join(' ') } as CSSProperties;
  return (
    <div
      role="grid"
      aria-label={label}
      aria-rowcount={totalCount === null ? -1 : totalCount + 1}
      className={`table ${className}`}
      style={template}
      onKeyDown={onKeyDown}
      onWheel={wayToEnd.stop}
      onPointerDown={wayToEnd.stop}
    >
      <Head columns={columns} />
      <div role="rowgroup" ref={body} className="table__body" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index]!;
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              data-key={key}
              tabIndex={roving.isStop(row) ? 0 : -1}
              className="table__row"
              style={{ height, translate: `0 ${start - virtual.options.scrollMargin}px` }}
              onFocus={() => roving.set(row)}
              onClick={(event) => isPlainClick(event) && navigate(hrefOf(row))}
            >
              {columns.map(({ id, cell, isAtEnd }) => (
                <div key={id} role="gridcell" className={classOf(id, isAtEnd)}>
                  {cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head<Row>({ columns }: Pick<TableProps<Row>, 'columns'>) {
  return (
    <div role="rowgroup" className="table__head">
      <div role="row" aria-rowindex={1} className="table__row table__row--head">
        {columns.map(({ id, header, isAtEnd }) => (
          <div key={id} role="columnheader" className={classOf(id, isAtEnd)}>
            {header}
          </div>
        ))}
      </div>
    </div>
  );
}

function moveWithinRow({ key, target }: KeyboardEvent): boolean {
  const row = (target as Element).closest<HTMLElement>('[role=row]');
  const next = key === 'ArrowRight' ? row?.querySelector('button') : key === 'ArrowLeft' ? row : null;
  next?.focus();
  return Boolean(next);
}

function classOf(id: string, isAtEnd = false): string {
  return `table__cell table__cell--${id}${isAtEnd ? ' table__cell--end' : ''}`;
}

/** Not one that a link or button takes care of, and not the end of a selection of text. */
function isPlainClick({ target }: MouseEvent): boolean {
  return !(target as Element).closest('a, button') && window.getSelection()?.isCollapsed !== false;
}
