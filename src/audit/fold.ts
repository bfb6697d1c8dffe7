/** A value as the directory compares it: without regard to case and to how many blanks part two words. */
export function fold(value: string): string {
  return value.trim().replace(/\s+/g, ' ').toLowerCase();
}
