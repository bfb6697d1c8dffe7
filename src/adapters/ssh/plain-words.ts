/*
 * The echo of some shells reads backslashes, that of others options, and the oldest ones lose bytes above 127: text of
 * anybody's crosses a script only in these words.
 */

/** Any text as one word of letters, digits and `% . _ -`; the same text is always the same word. */
export function plainWord(text: string): string {
  return [...Buffer.from(text)]
    .map(byte => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** The text of such a word; nothing when it is none. */
export function fromPlainWord(word: string): string | undefined {
  if (!/^(?:[A-Za-z0-9._-]|%[0-9a-f]{2})*$/.test(word)) {
    return undefined;
  }
  const bytes = word.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** Text for people, in a line that an echo prints: what could be read otherwise is a question mark. */
export function plainLine(text: string): string {
  return text.replace(/[^ -~]|\\/g, '?').slice(0, 200);
}
