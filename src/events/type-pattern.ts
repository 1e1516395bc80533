const MAX_NAME_LENGTH = 128;
const NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/** What the name of a type of event looks like, in words. */
export const NAME_RULE = `up to ${MAX_NAME_LENGTH} letters, digits, \`_\` and \`-\`, with dots between, such as \`order.shipped\``;

/** Whether `text` can name a type of event. */
export function isTypeName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}

/**
 * All that one can subscribe to and get this type: itself, and a prefix for each dot in it. Of `invoice.payment.failed`:
 * that, `invoice.payment.*` and `invoice.*`.
 */
export function patternsOf(type: string): string[] {
  const parts = type.split('.');
  return [type, ...parts.slice(1).map((_, index) => `${parts.slice(0, parts.length - 1 - index).join('.')}.*`)];
}
