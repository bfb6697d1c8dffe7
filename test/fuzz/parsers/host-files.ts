import { readFileSync } from 'node:fs';
import { editIcsConf, effectiveValues, parseIcsConf } from '../../../src/kinds/shared/ics-conf-text.ts';
import { editProperties, effectiveProperties, parseProperties } from '../../../src/kinds/shared/properties-text.ts';
import { claim, type Parser } from '../parser.ts';

/** Lines of one text that the other does not have at the same place, where both have as many. */
function differing(before: string, after: string): number {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return a.length === b.length ? a.filter((line, at) => line !== b[at]).length : Number.NaN;
}

function icsConfHolds(text: string, lines: ReturnType<typeof parseIcsConf>): void {
  claim(editIcsConf(text, []) === text, 'no edit leaves every byte');
  const height = text.split('\n').length;
  claim(
    lines.every(({ line }) => line >= 1 && line <= height),
    'a line is one of the file',
  );
  const values = effectiveValues(lines);
  for (const [key, { value, line, problem }] of values) {
    const around = text
      .split('\n')
      .slice(line - 1, line + 1)
      .join('\n');
    claim(around.toLowerCase().includes(key), 'the name is in its line');
    claim(problem === 'wrapped' || around.includes(value), 'the value is in its line');
  }
  for (const key of [...values.keys()].slice(0, 3).concat('new.key')) {
    const edited = editIcsConf(text, [{ key, value: 'n$&w' }]);
    const after = effectiveValues(parseIcsConf(edited));
    claim(after.get(key)?.value === 'n$&w' && after.get(key)?.problem === undefined, `${key} has what was written`);
    claim(editIcsConf(edited, [{ key, value: 'n$&w' }]) === edited, 'the same edit again changes nothing');
    if (values.get(key)?.problem === undefined && values.has(key))
      claim(differing(text, edited) === 1, 'one change is one line');
    for (const [other, { value }] of values)
      if (other !== key) claim(after.get(other)?.value === value, `${other} keeps its value when ${key} is written`);
    const gone = effectiveValues(parseIcsConf(editIcsConf(text, [{ key, value: undefined }])));
    claim(!gone.has(key), `${key} is gone when it is removed`);
  }
}

function propertiesHold(text: string, lines: ReturnType<typeof parseProperties>): void {
  claim(editProperties(text, []) === text, 'no edit leaves every byte');
  const values = effectiveProperties(lines);
  const keys = [...values.keys()].slice(0, 3).concat('new.key');
  for (const key of keys) {
    const edited = editProperties(text, [{ key, value: 'n$&\\w ' }]);
    const after = effectiveProperties(parseProperties(edited));
    claim(after.get(key)?.value === 'n$&\\w ', `${JSON.stringify(key)} has what was written`);
    claim(editProperties(edited, [{ key, value: 'n$&\\w ' }]) === edited, 'the same edit again changes nothing');
    for (const [other, { value }] of values)
      if (other !== key) claim(after.get(other)?.value === value, `${JSON.stringify(other)} keeps its value`);
    const gone = effectiveProperties(parseProperties(editProperties(text, [{ key, value: undefined }])));
    claim(!gone.has(key), `${JSON.stringify(key)} is gone when it is removed`);
    for (const [other, { value }] of values)
      if (other !== key) claim(gone.get(other)?.value === value, `${JSON.stringify(other)} stays when another goes`);
  }
}

const icsConf: Parser = {
  name: 'ics.conf',
  covers: ['parseIcsConf', 'effectiveValues', 'editIcsConf', 'sameValue'],
  samples: [
    '! comment\nservice.http.port = "80"\nlocal.autoprovision ="yes" \r\ncaldb.dwp.server.[hostname].ip = "a"\n',
    'a.b =\n"two"\nA.B = \'x\'\na.b = bare\n  c.d = "far" e.f = "1"\n# g.h = "hash"\na.b = "open\nlonger"',
    ...['13-ics-edgemail-fe.conf', '08-ics-wrapped.conf', '07-ics-hash-comment.conf'].map(name =>
      readFileSync(`test/cases/${name}`, 'latin1'),
    ),
  ],
  words: [
    '! ',
    '!!',
    '# ',
    ' = "',
    '" ',
    '" x',
    '=',
    ' =',
    'a.b',
    'A.B = "2"',
    '\na.b = "3"',
    '= \n"',
    "'",
    '[x]',
    ' ',
  ],
  read: parseIcsConf,
  holds: (text, result) => icsConfHolds(text, result as ReturnType<typeof parseIcsConf>),
};

const properties: Parser = {
  name: 'properties (ischeduledomainmap, davserver)',
  covers: ['parseProperties', 'effectiveProperties', 'editProperties'],
  samples: [
    '# c\nexample.com=http://cs6.example.com:80/ischedule/\n! d\nother.example : http\\://x\\\n   /y\r\nkey value\n',
    'a=1\ra\\ b=2\r\n\\u0041=\\u00e9\\t\nlong=one\\\n  two\\\\\nend=\\',
  ],
  words: ['\\', '\\\\', '\\\n', '\\\r\n', '\\u', '\\u00zz', '=', ':', ' ', '#', '!', '\f', '\\ ', 'a=', '\n=v', '\\n'],
  read: parseProperties,
  holds: (text, result) => propertiesHold(text, result as ReturnType<typeof parseProperties>),
};

/** Files of hosts that are read and written. */
export const hostFiles: readonly Parser[] = [icsConf, properties];
