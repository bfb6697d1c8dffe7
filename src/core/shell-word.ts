/** One word of a command line to copy, for every Bourne-like shell: in quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The words of a command line to copy. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
