import { distance } from 'fastest-levenshtein';

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
