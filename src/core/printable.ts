/**
 * Text from outside, safe for a terminal: control characters, line separators and bidirectional marks are shown as
 * `\u001b`; a tab becomes a blank. Line ends are kept, so that several lines stay several lines.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, char =>
    char === '\t' ? ' ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
