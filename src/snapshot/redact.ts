import { isSecretName } from '../estate/literal-secrets.ts';
import { parseProperties } from '../kinds/shared/properties-text.ts';
import type { Command } from '../ports/host.ts';
import { masked } from './snapshot-format.ts';

/** A text without the secrets in it, and how many there were. */
export interface Redacted {
  readonly text: string;
  readonly count: number;
}

/** A name, and the sign behind it where it is that of a value: `name = `, `name: `, `"name":`. */
const nameAndSign = /([\w.[\]-]+)(["']?[ \t]*[:=][ \t]*)?/g;
const passwordInUrl = /([a-z][a-z0-9+.-]{0,30}:\/\/[^/@\s:]*:)[^/@\s]+(?=@)/gi;
/** Could be a key. */
const longRun = /[A-Za-z0-9+/=]{40,}/g;

/**
 * The text of a configuration file, line by line as long as before: values under secret names, passwords in URLs, and
 * comments that speak of either are masked, by the names the product goes by everywhere.
 */
export function redactFile(text: string): Redacted {
  const { behindKey, whole } = propertySecrets(text);
  return redactLines(text, (line, above, number) => {
    if (whole.has(number)) return redactWhole(line);
    if (/^[!#]/.test(line)) return redactComment(line);
    if (behindKey.has(number)) return redactWhole(line, /^[ \t\f]*[\w.[\]-]+[ \t\f]+/.exec(line)?.[0]);
    return (isUnfinishedSecret(above) ? redactRest(line) : undefined) ?? redactValues(line);
  });
}

/** A name with the sign that all files have behind one. */
const plainName = /^[ \t\f]*[\w.[\]-]+["']?[ \t]*[:=]/;

/**
 * Lines with secrets as only a Java properties file has them: behind a name that ends at a blank or is escaped, and where a value
 * goes on after a backslash at the end of a line.
 */
function propertySecrets(text: string): {
  readonly behindKey: ReadonlySet<number>;
  readonly whole: ReadonlySet<number>;
} {
  const behindKey = new Set<number>();
  const whole = new Set<number>();
  const lines = text.split('\n');
  // There a carriage return ends a line too; here it must not, or the lines would have other numbers.
  for (const { line, physical, key, value } of parseProperties(text.replace(/\r(?!\n)/g, ' '))) {
    if (value.trim() === '' || !isSecretName(key)) continue;
    if (!plainName.test(lines[line - 1] ?? '')) behindKey.add(line);
    for (let at = line + 1; at < line + physical; at++) whole.add(at);
  }
  return { behindKey, whole };
}

/** A line of which only its head is kept. */
function redactWhole(line: string, head = ''): Redacted {
  const end = line.endsWith('\r') ? '\r' : '';
  return line.trim() === '' ? { text: line, count: 0 } : { text: `${head}${masked}${end}`, count: 1 };
}

/** A secret name whose value has not begun or has no end: the guides print long assignments on two lines. */
function isUnfinishedSecret(line: string): boolean {
  const [, name] = /(?<![\w.[\]-])([\w.[\]-]+)["']?[ \t]*[:=][ \t]*(?:"[^"]*)?\r?$/.exec(line) ?? [];
  return name !== undefined && isSecretName(name);
}

/** What is left of a value that began on the line above; nothing where the line is no such rest. */
function redactRest(line: string): Redacted | undefined {
  const [, start, , end] = quoted.exec(line) ?? restOfValue.exec(line) ?? [];
  return start === undefined || end === undefined ? undefined : { text: `${start}${masked}${end}`, count: 1 };
}

const quoted = /^([ \t]*["'])(.+)(["'][ \t]*\r?)$/s;
/** What is looked for ahead keeps a line without an end from being tried at each of its blanks. */
const restOfValue = /^(?=[^"]*"[ \t]*\r?$)([ \t]*(?:[\w.[\]-]+[ \t]*=)?)([^"]+)("[ \t]*\r?)$/;

/** What a command printed. Of a process only its name is kept: its arguments are nobody's affair. */
export function redactOutput({ words }: Command, output: string): Redacted {
  const numbersOnly = words.includes('ppid') || words.includes('zone');
  if (words[0] === 'ps' && !numbersOnly) return redactLines(output, withoutArguments);
  // Names of calendars and their owners, nothing else, and not a character of them can be spared.
  if (words[0] === './cscal') return { text: output, count: 0 };
  return redactLines(output, redactValues);
}

function redactLines(text: string, redact: (line: string, above: string, number: number) => Redacted): Redacted {
  let count = 0;
  const lines = text.split('\n').map((line, at, all) => {
    const redacted = redact(line, all[at - 1] ?? '', at + 1);
    count += redacted.count;
    return redacted.text;
  });
  return { text: lines.join('\n'), count };
}

function redactValues(line: string): Redacted {
  const named = redactNamed(line);
  let { count } = named;
  const text = named.text.replace(passwordInUrl, (_, start: string) => {
    count++;
    return `${start}${masked}`;
  });
  return { text, count };
}

/** Every value under a secret name, within other values too: a URL holds names and values of its own. */
function redactNamed(line: string): Redacted {
  const parts: string[] = [];
  let count = 0;
  let done = 0;
  for (const { start, end } of secretValues(line)) {
    parts.push(line.slice(done, start), masked);
    done = end;
    count++;
  }
  return { text: [...parts, line.slice(done)].join(''), count };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Goes once from left to right: what was looked at is not looked at again, however deep values stand in values. */
function* secretValues(line: string): Iterable<Range> {
  let outer: Range = { start: 0, end: 0 };
  let passed = 0;
  let row = rowAt(line, 0);
  const lastSign = Math.max(line.lastIndexOf(':'), line.lastIndexOf('='));
  for (const { 0: found, 1: name = '', 2: sign, index } of line.matchAll(nameAndSign)) {
    if (index < passed || sign === undefined) continue;
    const start = index + found.length;
    if (index >= row.end) row = rowAt(line, index);
    const isWithin = index < outer.end;
    const value = valueAt(line, start, isWithin ? outer : row);
    const isQuoted = line[start] === '"';
    if (isQuoted) outer = value;
    if (!isSecretName(name)) continue;
    const whole = isQuoted && !isWithin ? { ...value, end: closeOf(line, value, row) } : value;
    const tail = isQuoted && !isWithin ? tailOf(line, whole.end + 1, rowAt(line, whole.end).end, lastSign) : undefined;
    for (const range of [whole, tail]) {
      if (!range || isBlank(line, range)) continue;
      yield range;
      passed = range.end;
    }
  }
}

/** Where a secret in quotes ends: a carriage return in it does not end it, and without a quote the line does. */
function closeOf(line: string, { start, end }: Range, row: Range): number {
  if (end < row.end) return end;
  const close = line.indexOf('"', start);
  return close >= 0 ? close : line.endsWith('\r') ? line.length - 1 : line.length;
}

/**
 * What stands behind a secret in quotes and is no further name with a value: to a Java properties file the quotes are a part of the
 * value, and so is this.
 */
function tailOf(line: string, start: number, end: number, lastSign: number): Range | undefined {
  const isPart = start < end && (/[^\s,;&)}\]>]/.test(line[start] ?? '') || lastSign < start);
  return isPart ? { start, end } : undefined;
}

/** A value in quotes without them; another goes to the end of what holds it, but for a quote there. */
function valueAt(line: string, start: number, { end }: Range): Range {
  if (line[start] !== '"') return { start, end: end > start && line[end - 1] === '"' ? end - 1 : end };
  const close = line.indexOf('"', start + 1);
  return { start: start + 1, end: close < 0 || close > end ? end : close };
}

/** A carriage return ends a line too. */
function rowAt(line: string, start: number): Range {
  const end = line.indexOf('\r', start);
  return { start, end: end < 0 ? line.length : end };
}

/** Looks no further than the first character that is no blank. */
function isBlank(line: string, { start, end }: Range): boolean {
  let at = start;
  while (at < end && /\s/.test(line[at] ?? '')) at++;
  return at >= end;
}

function redactComment(line: string): Redacted {
  const speaks = (line.match(/[\w.-]+/g) ?? []).some(isSecretName);
  if (speaks) return { text: `${line[0]}${masked}${line.endsWith('\r') ? '\r' : ''}`, count: 1 };
  const plain = redactValues(line);
  const runs = plain.text.match(longRun)?.length ?? 0;
  return { text: plain.text.replace(longRun, masked), count: plain.count + runs };
}

/** `  812  01:02 /opt/bin/cshttpd -d 3` loses what stands behind the program; what is no such line says nothing at all. */
function withoutArguments(line: string): Redacted {
  if (/^\s*(PID\b.*)?$/.test(line)) return { text: line, count: 0 };
  const [known] = /^\s*\d+\s{1,60}(?:[\d:-]+\s{1,60})?(?:<defunct>|(?<=:\d\d\s{1,60})\S+)/.exec(line) ?? [];
  return known === undefined ? { text: masked, count: 1 } : { text: known, count: 0 };
}
