/** What the schema says about the attributes in a name. */
export interface NamingRules {
  attribute(name: string): { readonly name: string; normalize(value: string): string } | undefined;
}

/** One `type=value` of a name. */
interface Assertion {
  readonly type: string;
  readonly value: string;
}

/**
 * The one form of a name by which entries are found (RFC 4514): types by their first name, values as their matching rule
 * compares them, every special character as `\2c`, so that a comma always parts two components. Nothing when it is no name.
 */
export function dnKey(dn: string, rules: NamingRules): string | undefined {
  const components = splitAt(dn, ',').map(part => splitAt(part, '+').map(parseAssertion));
  if (dn.trim() === '') {
    return '';
  }
  const parts = components.map(assertions => assertions.map(one => one && assertionKey(one, rules)));
  return parts.every(part => part.every(one => one !== undefined))
    ? parts.map(part => part.toSorted().join('+')).join(',')
    : undefined;
}

/** How names compare where no schema is at hand: case and repeated blanks do not count. */
const plainRules: NamingRules = {
  attribute: name => ({ name, normalize: value => value.replace(/\s+/g, ' ').toLowerCase() }),
};

/** The form of a name that two spellings of it have in common; what is no name stays itself, in lower case. */
export function nameKey(dn: string): string {
  return dnKey(dn, plainRules) ?? dn.toLowerCase();
}

/** Whether an entry is `base` or below it. */
export function isBelow(dn: string, base: string): boolean {
  const [key, above] = [nameKey(dn), nameKey(base)];
  return key === above || above === '' || key.endsWith(`,${above}`);
}

/** The key of the entry above. */
export function parentKey(key: string): string {
  const comma = key.indexOf(',');
  return comma < 0 ? '' : key.slice(comma + 1);
}

/** The attributes and values that name an entry among its neighbours. */
export function namingValues(dn: string): readonly Assertion[] {
  return splitAt(splitAt(dn, ',')[0] ?? '', '+').flatMap(part => parseAssertion(part) ?? []);
}

/** All attributes and values of a name. */
export function componentValues(dn: string): readonly Assertion[] {
  return splitAt(dn, ',').flatMap(namingValues);
}

function assertionKey({ type, value }: Assertion, rules: NamingRules): string {
  const rule = rules.attribute(type);
  const compared = (rule?.normalize ?? (text => text.toLowerCase()))(value);
  return `${(rule?.name ?? type).toLowerCase()}=${compared.replace(/[\\,+=]/g, hexEscape)}`;
}

function hexEscape(char: string): string {
  return `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Parts at a character that is not escaped. */
function splitAt(text: string, separator: string): readonly string[] {
  if (!text.includes('\\')) {
    return text.split(separator);
  }
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') {
      at += 1;
    } else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function parseAssertion(text: string): Assertion | undefined {
  const match = /^\s*([A-Za-z][\w-]*|\d+(?:\.\d+)+)\s*=\s*(.*)$/s.exec(text);
  return match ? { type: match[1] ?? '', value: unescapeValue(match[2] ?? '') } : undefined;
}

/** `\2c` is a byte, `\,` a character; a blank at the end counts only when it is escaped. */
function unescapeValue(text: string): string {
  if (!text.includes('\\')) {
    return text.trimEnd();
  }
  const trimmed = text.replace(/(\\.)?\s*$/s, '$1');
  return trimmed.replace(/((?:\\[0-9A-Fa-f]{2})+)|\\(.)/gs, (_, hex: string | undefined, char: string) =>
    hex === undefined ? char : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString(),
  );
}
