import { count } from '../elements/figures.js';

/** Such as `1 delivery` and `12 new deliveries`. */
export function describeCount(deliveries: number, which?: string): string {
  return [count(deliveries), which, deliveries === 1 ? 'delivery' : 'deliveries'].filter(Boolean).join(' ');
}
