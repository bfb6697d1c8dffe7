import { distance } from 'fastest-levenshtein';

/** A line that says what was probably meant by `word`, or lists what is allowed; empty where nothing is. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .map(k => ({ k, d: distance(word.toLowerCase(), k.toLowerCase()) }))
    .sort((a, b) => a.d - b.d)
    .find(({ k, d }) => d <= Math.max(2, Math.floor(k.length / 3)));
  if (near) return `\nDid you mean "${near.k}"?`;
  return known.length > 0 ? `\nAllowed here: ${known.join(', ')}.` : '';
}
