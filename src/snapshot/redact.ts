import { isSecretName } from '../desired/literal-secrets.ts';
import type { Command } from '../ports/host.ts';
import { masked } from './format.ts';

/** A text without the secrets in it, and how many there were. */
export interface Redacted {
  readonly text: string;
  readonly count: number;
}

/** `name = "value"`, `name: value`, `name=value`. A value without quotes ends with its line. */
const assignment = /([\w.[\]-]+)(["']?[ \t]*[:=][ \t]*)("[^"\r\n]*"?|[^\r\n]*)/g;
const passwordInUrl = /([a-z][a-z0-9+.-]*:\/\/[^/@\s:]*:)[^/@\s]+(?=@)/gi;
/** Could be a key. */
const longRun = /[A-Za-z0-9+/=]{40,}/g;

/**
 * The text of a configuration file, line by line as long as before: values under secret names, passwords in URLs, and
 * comments that speak of either are masked, by the names the product goes by everywhere.
 */
export function redactFile(text: string): Redacted {
  return redactLines(text, line => (/^[!#]/.test(line) ? redactComment(line) : redactValues(line)));
}

/** What a command printed. Of a process only its name is kept: its arguments are nobody's affair. */
export function redactOutput({ words }: Command, output: string): Redacted {
  if (words[0] === 'ps') return redactLines(output, withoutArguments);
  // Names of calendars and their owners, nothing else, and not a character of them can be spared.
  if (words[0] === './cscal') return { text: output, count: 0 };
  return redactLines(output, redactValues);
}

function redactLines(text: string, redact: (line: string) => Redacted): Redacted {
  let count = 0;
  const lines = text.split('\n').map(line => {
    const redacted = redact(line);
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

function redactNamed(line: string): Redacted {
  let count = 0;
  const text = line.replace(assignment, (whole, name: string, sign: string, value: string) => {
    const [, open = '', inside = '', close = ''] = /^("?)(.*?)("?)$/.exec(value) ?? [];
    if (inside.trim() === '') return whole;
    // A value may hold names and values of its own, as a URL does.
    const inner = isSecretName(name) ? { text: masked, count: 1 } : redactNamed(inside);
    count += inner.count;
    return `${name}${sign}${open}${inner.text}${close}`;
  });
  return { text, count };
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
  const [known] = /^\s*\d+\s+(?:[\d:-]+\s+)?(?:<defunct>|(?<=:\d\d\s+)\S+)/.exec(line) ?? [];
  return known === undefined ? { text: masked, count: 1 } : { text: known, count: 0 };
}
