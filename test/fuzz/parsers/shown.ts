import { csvFormat, jsonlFormat, textFormat } from '../../../src/audit/list-formats.ts';
import { messageOf, printable, printableJson, printableLine } from '../../../src/core/printable.ts';
import { isSecretName } from '../../../src/estate/literal-secrets.ts';
import { parseIcsConf } from '../../../src/kinds/shared/ics-conf-text.ts';
import { parseProperties } from '../../../src/kinds/shared/properties-text.ts';
import { type Redacted, redactFile, redactOutput } from '../../../src/snapshot/redact.ts';
import { claim, type Parser } from '../parser.ts';

/** What steers a terminal, turns the direction or has no width. */
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

const texts: Parser = {
  name: 'text for a terminal, a list and JSON',
  covers: ['printable', 'printableLine', 'printableJson', 'messageOf'],
  samples: ['a\x1b[31mred\x1b]0;t\x07 \u202eback\u200b\n\ttab', '=1+1', 'plain', 'a"b,c\r\nd'],
  words: ['\x1b[', '\x9b', '\u200f', '\u2066', '\ufeff', '\t', '\n', '=', '@', '"'],
  read: text => {
    const row = { dn: text, uid: [text], mail: [], cohort: text, state: 'good', stores: [text], problems: [] } as never;
    const lists = [textFormat, jsonlFormat].map(({ line }) => line(row));
    return {
      lines: [printableLine(text), messageOf(text), ...lists],
      text: printable(text),
      json: printableJson({ a: text }),
      csv: csvFormat.line(row),
    };
  },
  holds: (text, result) => {
    const {
      lines,
      text: shown,
      json,
      csv,
    } = result as { lines: readonly string[]; text: string; json: string; csv: string };
    for (const one of [shown, json, ...lines]) claim(!steering.test(one), 'nothing steers a terminal');
    claim(shown.split('\n').length === text.split('\n').length, 'line ends stay');
    claim(
      !lines[0]?.includes('\n') && lines.slice(2).every(line => line.indexOf('\n') === line.length - 1),
      'a line is one line',
    );
    claim((JSON.parse(json) as { a: string }).a === text || /[\ud800-\udfff]/.test(text), 'JSON has the same text');
    const first = /^"?([\s\S])/.exec(csv)?.[1] ?? '';
    claim(!/[=+\-@\t\r]/.test(first), 'no cell is a formula');
  },
};

const canary = 'cAnary7';

/** The lines of a file in which one of both grammars finds a value under the name of a secret. */
function secretLines(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  const lines = text.split('\n');
  const add = (line: number, height: number) => {
    // Elsewhere in the line it is no secret.
    if (
      lines
        .slice(line - 1, line - 1 + height)
        .join('')
        .split(canary).length !== 2
    )
      return;
    for (let at = line; at < line + height; at += 1) found.add(at);
  };
  // The grammars agree about lines only where none ends in another way.
  if (/\r(?!\n)/.test(text)) return found;
  for (const { line, height, assignments } of parseIcsConf(text))
    if (assignments.some(({ key, value }) => isSecretName(key) && value.includes(canary))) add(line, height);
  for (const { line, physical, key, value } of parseProperties(text))
    if (isSecretName(key) && value.includes(canary)) add(line, physical);
  return found;
}

const masked: Parser = {
  name: 'redaction of files',
  covers: ['redactFile'],
  samples: [
    `local.authldapbindcred = "${canary}"\r\na.b = "1" c.password = "${canary}" d = "2"\nservice.dwp.password =\n"${canary}"\n`,
    `store.password=${canary}\nsmtp.pwd : ${canary}\nurl=http://me:${canary}@h/x?password=${canary}\nlong.secret=a\\\n  ${canary}\nx=y\n`,
    `! the password is ${canary}\ne.pwd = "ca\n${canary}"\n`,
  ],
  words: [
    'password = "',
    canary,
    '"',
    "'",
    ' = ',
    '\\\n',
    '\n',
    '\r',
    'secret:',
    ' ',
    'cred=',
    '!',
    '#',
    'a="b" ',
    '=',
    '\t',
  ],
  read: redactFile,
  holds: (text, result) => {
    const { text: shown } = result as Redacted;
    const lines = shown.split('\n');
    claim(lines.length === text.split('\n').length, 'there are as many lines');
    for (const line of secretLines(text)) claim(!lines[line - 1]?.includes(canary), `no secret is in line ${line}`);
  },
};

const masks: Parser = {
  name: 'redaction of what commands print',
  covers: ['redactOutput'],
  samples: [
    `  PID     ELAPSED COMMAND\n    1 12-03:04:05 /sbin/init ${canary}\n  812       08:20 ./cshttpd -p ${canary}\n`,
    `davcore.a: b\nstore.dav.password: ${canary}\nmail.url: smtp://u:${canary}@h\n`,
  ],
  words: [canary, ' ', ':', '<defunct>', '\r', '00:01 ', 'password: '],
  read: text => ({
    ps: redactOutput({ words: ['ps', '-e'] }, text),
    davadmin: redactOutput({ words: ['./davadmin', 'config'] }, text),
  }),
  holds: (text, result) => {
    const { ps, davadmin } = result as { readonly ps: Redacted; readonly davadmin: Redacted };
    const shown = ps.text.split('\n');
    for (const [at, line] of text.split('\n').entries()) {
      const [, , behind = ''] = /^\s*\d+\s+[\d:-]*:\d\d\s+(\S+)\s(.*)$/s.exec(line) ?? [];
      if (behind.includes(canary))
        claim(!shown[at]?.includes(canary) || line.split(canary).length > 2, 'no argument is kept');
      const [, key = '', value = ''] = /^([\w.-]+): (.*)$/.exec(line) ?? [];
      if (isSecretName(key) && value.trim().startsWith(canary))
        claim(!davadmin.text.split('\n')[at]?.includes(canary), 'no value under a secret name is kept');
    }
  },
};

/** What is shown, or kept, of texts from outside. */
export const shown: readonly Parser[] = [texts, masked, masks];
