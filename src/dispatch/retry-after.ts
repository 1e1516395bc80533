import type { HeaderField } from './outcome.js';

const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850_DATE = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * How long the receiver asks to be left alone: the `Retry-After` of a 429 or a 503, in seconds or as a date,
 * which counts from `now` and may be past (0). Undefined for other statuses, and for what is neither.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(statusCode: number, headers: readonly HeaderField[], now: Date): number | undefined {
  if (statusCode !== 429 && statusCode !== 503) return undefined;
  const value = headers.find(({ name }) => name === 'retry-after')?.value.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER);
  const date = httpDate(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/** A date in one of HTTP's three formats, as Unix milliseconds; NaN for anything else. */
function httpDate(text: string): number {
  if (IMF_FIXDATE.test(text) || RFC_850_DATE.test(text)) return Date.parse(text);
  return ASCTIME_DATE.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}
