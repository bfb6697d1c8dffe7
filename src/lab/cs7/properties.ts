const SEPARATOR = /^((?:\\.|[^\\=:\s])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s;

/**
 * Reads a .properties text as Java does: `#` and `!` begin a comment, the key ends at the first `=`, `:` or blank, a backslash
 * escapes or continues the line, the last duplicate wins, trailing blanks belong to the value. (java.util.Properties, public.)
 * This is deliberately not the product's own codec.
 */
export function readProperties(content: string): Readonly<Record<string, string>> {
  const pairs = logicalLines(content).map(line => {
    const [, key = '', value = ''] = SEPARATOR.exec(line) ?? [];
    return [decodeEscapes(key), decodeEscapes(value)] as const;
  });
  return Object.fromEntries(pairs);
}

/** The text with one value changed: its last line, or a new one at the end. */
export function editProperties(content: string, name: string, value: string): string {
  const line = `${name}=${escapeBackslashes(value)}`;
  const lines = content.split('\n');
  const at = lines.findLastIndex(one => Object.hasOwn(readProperties(one), name));
  if (at >= 0) return lines.with(at, line).join('\n');
  const separator = content === '' || content.endsWith('\n') ? '' : '\n';
  return `${content}${separator}${line}\n`;
}

/** Text of plain options. */
export function renderProperties(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${escapeBackslashes(value)}\n`)
    .join('');
}

function logicalLines(content: string): readonly string[] {
  const lines: string[] = [];
  let begun: string | undefined;
  for (const natural of content.split(/\r\n|\n|\r/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (begun === undefined && (line === '' || /^[#!]/.test(line))) continue;
    const whole = `${begun ?? ''}${line}`;
    const continued = /(?:^|[^\\])(?:\\\\)*\\$/.test(whole);
    begun = continued ? whole.slice(0, -1) : undefined;
    if (!continued) lines.push(whole);
  }
  return begun === undefined ? lines : [...lines, begun];
}

function decodeEscapes(word: string): string {
  return word.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    if (escaped === 'u') throw new Error('Malformed \\uxxxx encoding.');
    return { t: '\t', n: '\n', r: '\r', f: '\f' }[escaped] ?? escaped;
  });
}

function escapeBackslashes(value: string): string {
  return value.replaceAll('\\', '\\\\');
}
