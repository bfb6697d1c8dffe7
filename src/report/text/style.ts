import { styleText } from 'node:util';

/** Paints text, or does not; no meaning is in the colour alone. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

/** With or without colour. */
export function makeStyle(color: boolean): Style {
  // Whether the stream takes colour was decided by the caller.
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    color ? styleText(format, text, { validateStream: false }) : text;
  return { strong: paint('bold'), dim: paint('dim'), good: paint('green'), bad: paint('red'), warn: paint('yellow') };
}
