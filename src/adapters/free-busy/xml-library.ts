import { createRequire } from 'node:module';

/** The part of saxes that is used here; names are as they stand, prefix and all. */
interface XmlLibrary {
  readonly SaxesParser: new () => XmlParser;
}

/** Tells of a document piece by piece. Without a handler for errors it throws at the first thing that is not well-formed. */
export interface XmlParser {
  on(event: 'doctype' | 'text' | 'cdata', handler: (text: string) => void): void;
  on(
    event: 'opentag',
    handler: (tag: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }) => void,
  ): void;
  on(event: 'closetag', handler: () => void): void;
  write(text: string): this;
  close(): void;
}

/** saxes, with types of our own: those it brings (6.0.0) do not compile under `exactOptionalPropertyTypes`. */
export const xml: XmlLibrary = createRequire(import.meta.url)('saxes');
