/**
 * An address from outside that a reader may follow: https or http, in characters that mean nothing in any format. Nothing where
 * it is anything else.
 */
export function webAddress(text: string): string | undefined {
  return /^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[\w.~/%+-]*)?$/.test(text) ? text : undefined;
}

/**
 * Text from outside, safe for a terminal: control characters, line separators, what has no width and what turns the direction
 * are shown as `\u001b`; a tab becomes a blank. Line ends are kept, so that several lines stay several lines.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    char => (char === '\t' ? ' ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
