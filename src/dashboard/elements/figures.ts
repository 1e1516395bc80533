/** Such as `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Such as `99.9 %`: rounded down, so that it is 100 only when nothing failed. */
export function percent(share: number): string {
  return `${Math.floor(share * 1_000) / 10} %`;
}
