const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const EXACT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
});
const DAY_OF_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_WITH_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** To the millisecond, in the reader's zone and with its name. */
export function exactTime(at: Date): string {
  return EXACT.format(at);
}

/** Such as `12 s ago`; the day once a week is over. A clock that is slow makes nothing happen in the future. */
export function describeAgo(at: Date, nowMs: number): string {
  const seconds = Math.floor((nowMs - at.getTime()) / 1_000);
  if (seconds < 3) return 'just now';
  if (seconds < MINUTE) return `${seconds} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  if (seconds < 7 * DAY) return `${Math.floor(seconds / DAY)} d ago`;
  return describeDay(at, nowMs);
}

function describeDay(at: Date, nowMs: number): string {
  const isThisYear = at.getFullYear() === new Date(nowMs).getFullYear();
  return (isThisYear ? DAY_OF_YEAR : DAY_WITH_YEAR).format(at);
}
