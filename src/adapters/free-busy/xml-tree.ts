import saxes from 'saxes';

/** The part of saxes that is used here; names are as they stand, prefix and all. */
interface XmlLibrary {
  readonly SaxesParser: new () => XmlParser;
}

/** Tells of a document piece by piece. Without a handler for errors it throws at the first thing that is not well-formed. */
interface XmlParser {
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
const xml = saxes as XmlLibrary;

/** An element; its name without prefix and in lower case, since servers differ in both. */
export interface XmlElement {
  readonly name: string;
  /** Names as they stand. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Its own text, with that of CDATA sections and without that of its children; blanks at either end cut off. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly pieces: string[];
  readonly children: XmlElement[];
}

/** Deeper than any answer that is meant, and more than have room for a time each. */
const most = { depth: 50, elements: 20_000 } as const;

/**
 * Reads a whole XML document. saxes knows only the five entities of XML itself and fetches nothing; a DOCTYPE, which could
 * declare others, is refused besides. Throws with a reason when the text is not well-formed.
 */
export function parseXml(text: string): XmlElement {
  const top: OpenElement = { name: '', attributes: {}, pieces: [], children: [] };
  const open = [top];
  let elements = 0;
  const append = (piece: string): void => {
    open.at(-1)?.pieces.push(piece);
  };
  const parser = new xml.SaxesParser();
  parser.on('doctype', () => {
    throw new Error('it has a DOCTYPE');
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1;
    if (open.length > most.depth) throw new Error(`its elements are nested deeper than ${most.depth}`);
    if (elements > most.elements) throw new Error(`it has more than ${most.elements} elements`);
    open.push({ name: localName(name), attributes, pieces: [], children: [] });
  });
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => {
    const { pieces, ...element } = open.pop() ?? top;
    open.at(-1)?.children.push({ ...element, text: pieces.join('').trim() });
  });
  parser.write(text.trimStart()).close();
  const [root] = top.children;
  if (root === undefined) throw new Error('it has no element');
  return root;
}

/** An element and all below it, in the order of the document. */
export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return [element, ...element.children.flatMap(elementsOf)];
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase();
}
