/** One definition of a schema (RFC 4512, 4.1), taken apart. Keywords in upper case; those without a value have none. */
export interface SchemaDescription {
  readonly oid: string;
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

interface Token {
  readonly kind: 'open' | 'close' | 'dollar' | 'quoted' | 'word';
  /** Without the apostrophes. */
  readonly text: string;
}

const FLAGS: ReadonlySet<string> = new Set([
  'SINGLE-VALUE',
  'OBSOLETE',
  'COLLECTIVE',
  'NO-USER-MODIFICATION',
  'ABSTRACT',
  'STRUCTURAL',
  'AUXILIARY',
]);

/** An apostrophe ends a text only before a space, a parenthesis or the end: old servers do not escape the ones inside. */
const TOKEN = /\s*([()$]|'(?:[^']|'(?![\s)]|$))*'|[^\s()$']+)\s*/y;
const KINDS: Readonly<Record<string, Token['kind']>> = { '(': 'open', ')': 'close', $: 'dollar', "'": 'quoted' };

/** Takes a definition apart; nothing when it is not one. Unknown keywords do no harm. */
export function parseSchemaDescription(text: string): SchemaDescription | undefined {
  const tokens = tokenize(text);
  const oid = tokens?.[1];
  if (tokens?.[0]?.kind !== 'open' || tokens.at(-1)?.kind !== 'close' || oid?.kind !== 'word') {
    return undefined;
  }
  const fields = new Map<string, readonly string[]>();
  let at = 2;
  while (at < tokens.length - 1) {
    const keyword = tokens[at];
    if (keyword?.kind !== 'word') {
      return undefined;
    }
    const name = keyword.text.toUpperCase();
    const value = FLAGS.has(name) ? { values: [], next: at + 1 } : readValue(tokens, at + 1);
    if (value === undefined) {
      return undefined;
    }
    fields.set(name, value.values);
    at = value.next;
  }
  return { oid: oid.text, fields };
}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) {
      return undefined;
    }
    const kind = KINDS[found.charAt(0)] ?? 'word';
    tokens.push({ kind, text: kind === 'quoted' ? unescapeQuoted(found.slice(1, -1)) : found });
  }
  return tokens;
}

/** RFC 4512: an apostrophe is \27 and a backslash \5C inside quotes. */
function unescapeQuoted(text: string): string {
  return text.replace(/\\(27|5c)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** One word, one quoted text, or a list in parentheses with or without dollars. */
function readValue(
  tokens: readonly Token[],
  start: number,
): { readonly values: readonly string[]; readonly next: number } | undefined {
  const first = tokens[start];
  if (first?.kind === 'word' || first?.kind === 'quoted') {
    return { values: [first.text], next: start + 1 };
  }
  if (first?.kind !== 'open') {
    return undefined;
  }
  const close = tokens.findIndex((token, index) => index > start && token.kind === 'close');
  const inner = tokens.slice(start + 1, close).filter(token => token.kind !== 'dollar');
  // The last parenthesis is the definition's own.
  if (close < 0 || close === tokens.length - 1 || inner.some(token => token.kind === 'open')) {
    return undefined;
  }
  return { values: inner.map(token => token.text), next: close + 1 };
}
