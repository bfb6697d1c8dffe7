/**
 * An address from outside that a reader may follow: https or http, in characters that mean nothing in any format. Nothing where
 * it is anything else.
 */
export function webAddress(text: string): string | undefined {
  return /^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[\w.~/%+-]*)?$/.test(text) ? text : undefined;
}

/** What a terminal would take for an order, what has no width and what turns the direction; a line end is not among them. */
const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Text from outside, safe for a terminal: control characters, line separators, what has no width and what turns the direction
 * are shown as `\u001b`; a tab becomes a blank. Line ends are kept, so that several lines stay several lines.
 */
export function printable(text: string): string {
  return text.replace(unseen, char => (char === '\t' ? ' ' : numbered(char)));
}

/** The same as one line: a line end in it could pass for a line of ours. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', numbered);
}

/** The message of what was thrown, in the same safe form. */
export function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

/** JSON with a line end after it, indented by so many blanks; a terminal shows it as it is, and a reader of JSON gets the same value. */
export function printableJson(value: unknown, indent = 2): string {
  return `${JSON.stringify(value, null, indent).replace(unseen, numbered)}\n`;
}

function numbered(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
