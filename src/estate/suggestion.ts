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

/** How many names are suggested at most. */
const most = 5;

/** Names that were probably meant by `word`, the nearest first: slips of so many `letters`, or of a quarter of the word, then names that hold the word. */
export function nearestNames(word: string, known: readonly string[], letters?: number): readonly string[] {
  const asked = word.toLowerCase();
  const slips = known
    .map(name => ({ name, away: distance(asked, name.toLowerCase()) }))
    .filter(({ name, away }) => away <= (letters ?? Math.max(1, Math.floor(Math.min(name.length, asked.length) / 4))))
    .sort((a, b) => a.away - b.away)
    .map(({ name }) => name);
  const holding = asked.length < 3 ? [] : known.filter(name => name.toLowerCase().includes(asked));
  return [...new Set([...slips, ...holding])].slice(0, most);
}

/** `Did you mean "a", "b" or "c"?`, on a line of its own; nothing where nothing is near. */
export function didYouMean(names: readonly string[]): string {
  if (names.length === 0) return '';
  const quoted = names.map(name => `"${name}"`);
  const last = quoted.at(-1) ?? '';
  return `\nDid you mean ${quoted.length === 1 ? last : `${quoted.slice(0, -1).join(', ')} or ${last}`}?`;
}
