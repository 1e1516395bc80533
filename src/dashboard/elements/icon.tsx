/** The shapes, each drawn in a square of 16. */
const SHAPES = {
  add: 'M8 3v10M3 8h10',
  alert: 'M8 5.5v3.25M8 11v.01M7.13 2.5 1.7 12a1 1 0 0 0 .87 1.5h10.86A1 1 0 0 0 14.3 12L8.87 2.5a1 1 0 0 0-1.74 0Z',
  check: 'm3 8.5 3.25 3.25L13 5',
  chevronDown: 'm4 6.25 4 4 4-4',
  chevronRight: 'm6.25 4 4 4-4 4',
  close: 'm4 4 8 8M12 4l-8 8',
  copy: 'M5.75 5.75V4A1.25 1.25 0 0 1 7 2.75h5A1.25 1.25 0 0 1 13.25 4v5A1.25 1.25 0 0 1 12 10.25h-1.75M4 5.75h5A1.25 1.25 0 0 1 10.25 7v5A1.25 1.25 0 0 1 9 13.25H4A1.25 1.25 0 0 1 2.75 12V7A1.25 1.25 0 0 1 4 5.75Z',
  deliveries: 'M2.5 4h7M2.5 8h5M2.5 12h7M10.5 8h3m0 0-1.75-1.75M13.5 8l-1.75 1.75',
  endpoints:
    'M8 6.25a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM4 13.75a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5ZM12 13.75a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5ZM6.9 6 4.9 10.4M9.1 6l2 4.4M5.75 12h4.5',
  explorer: 'm5 5-3 3 3 3M11 5l3 3-3 3M9 3.5 7 12.5',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.25 10.25l3.25 3.25',
  send: 'M13.5 2.5 7 9M13.5 2.5 9.5 13.5 7 9 2.5 6.5Z',
  themeDark: 'M13.5 9.5A5.75 5.75 0 0 1 6.5 2.5a5.75 5.75 0 1 0 7 7Z',
  themeLight:
    'M8 10.75a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5ZM8 1.75v1M8 13.25v1M1.75 8h1M13.25 8h1M3.6 3.6l.7.7M11.7 11.7l.7.7M3.6 12.4l.7-.7M11.7 4.3l.7-.7',
  themeSystem:
    'M3 3h10a.75.75 0 0 1 .75.75v6.5A.75.75 0 0 1 13 11H3a.75.75 0 0 1-.75-.75v-6.5A.75.75 0 0 1 3 3ZM6 13.5h4M8 11v2.5',
  signOut: 'M6 2.75H4A1.25 1.25 0 0 0 2.75 4v8A1.25 1.25 0 0 0 4 13.25h2M10.5 10.75 13.25 8 10.5 5.25M13 8H6.25',
} as const;

export type IconName = keyof typeof SHAPES;

/** Beside words, or within something that has a name: never alone. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
