import { DELIVERY_RULES } from './rules/delivery-rules.js';
import { DISABLING_RULES } from './rules/disabling-rules.js';
import { ENDPOINT_RULES } from './rules/endpoint-rules.js';
import { NOTIFICATION_RULES } from './rules/notification-rules.js';
import { PUBLISH_RULES } from './rules/publish-rules.js';
import { REQUEST_RULES } from './rules/request-rules.js';
import type { Facts, Rules } from './rules/rule.js';

const RULES: Rules = {
  ...PUBLISH_RULES,
  ...DELIVERY_RULES,
  ...DISABLING_RULES,
  ...REQUEST_RULES,
  ...ENDPOINT_RULES,
  ...NOTIFICATION_RULES,
};

const SHOWN_PER_RULE = 5;

/**
 * What of the facts is against the rules, in sentences that name the rule and the delivery; empty when all is as it
 * should be. The facts have to be of a time at which nothing moves any more, and all endpoints are enabled.
 */
export function findBrokenRules(facts: Facts): string[] {
  return Object.entries(RULES).flatMap(([rule, check]) => {
    const cases = [...check(facts)];
    const shown = cases.slice(0, SHOWN_PER_RULE).map((detail) => `${rule}: ${detail}`);
    const hiddenCount = cases.length - shown.length;
    return hiddenCount > 0 ? [...shown, `${rule}: and ${hiddenCount} more`] : shown;
  });
}
