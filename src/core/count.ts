/** `1 host`, `2 hosts`, `4,812 accounts`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${wordFor(n, one, many)}`;
}

/** The word alone, where the number stands elsewhere. */
export function wordFor(n: number, one: string, many = `${one}s`): string {
  return n === 1 ? one : many;
}
