/**
 * The number in the last line of `cscal list`, such as `12 calendar(s)`. Nobody documents whether there is one and how it
 * reads, so any line with the word and one number will do.
 */
export function calendarCount(line: string): number | undefined {
  const numbers = line.match(/\d+/g) ?? [];
  return /calendar/i.test(line) && !/[:=]\S/.test(line) && numbers.length === 1 ? Number(numbers[0]) : undefined;
}
