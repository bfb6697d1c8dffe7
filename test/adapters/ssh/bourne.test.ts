import { describe, expect, test } from 'vitest';
import { becomeLine } from '../../../src/adapters/ssh/become-script.ts';
import { examineFragment } from '../../../src/adapters/ssh/examine-script.ts';

import {
  acknowledgeScript,
  claimScript,
  clearScript,
  dropScript,
  LOOK_FRAGMENT,
  lookScript,
  renewScript,
  takeOverScript,
} from '../../../src/adapters/ssh/lock-script.ts';
import { CLOCK_FRAGMENT, commandFragment, fileFragment, requestScript } from '../../../src/adapters/ssh/read-script.ts';
import {
  keepScript as keepRunScript,
  partFragment,
  runsFragment,
  slimScript,
} from '../../../src/adapters/ssh/record-script.ts';
import { replaceNames, replaceScript, sweepScript } from '../../../src/adapters/ssh/replace-script.ts';
import { restartFragments } from '../../../src/adapters/ssh/restart-script.ts';
import { keepScript, recordFragment } from '../../../src/adapters/ssh/start-record.ts';
import { stateScript } from '../../../src/adapters/ssh/state-folder.ts';
import { confirmScript, startScript } from '../../../src/adapters/ssh/watchdog-script.ts';
import { killScript, leadingScript, waitingCommand } from '../../../src/adapters/ssh/whole-script.ts';

const names = replaceNames('/etc/opt/ics.conf', 'abc', '20260101T000000Z');
const commit = { names, after: '3 4', holder: 'abc host pid 1' };

const fence = { own: '0123456789abcdef01234567', mark: '0123456789abcdef76543210' };
const words = { own: 'abc', run: 'r1', by: 'a%40b' };
const record = {
  processes: [{ pid: 812, started: 1_700_000_000_000 }],
  files: [{ path: '/etc/opt/ics.conf', sha256: 'ab' }],
};
const watch = {
  name: 'cs6',
  files: [
    { path: '/etc/opt/ics.conf', backup: '/etc/opt/ics.conf.old', before: Buffer.from('y'), written: Buffer.from('x') },
  ],
  commands: [{ words: ['start-cal'], directories: ['/opt/a'], environment: { A: 'b' } }, { words: ['true'] }],
  patience: 2_000,
};

const restart = {
  stop: { words: ['stop-cal'], directories: ['/opt/a'] },
  start: { words: ['start-cal'], directories: ['/opt/a'] },
  ...{ processes: [812, 815], names: ['csadmind', 'cshttpd'], beside: [900] },
  patience: { stopped: 60_000, failed: 6_000 },
};

const run = '20261130T183125000Z-0a1b2c3d';
const parts = ['head.json', '1.jsonl'].map((name, start) => ({ name, start, length: 5000, sum: '1 5000' }));

const scripts: readonly (readonly [string, string])[] = [
  [
    'read',
    requestScript(
      [
        fileFragment('/etc/opt/ics.conf'),
        LOOK_FRAGMENT,
        CLOCK_FRAGMENT,
        commandFragment({ words: ['cscal', 'list'], directories: ['/opt/a', '/opt/b'], environment: { A: 'b' } }),
        commandFragment({ words: ['showrev', '-p'] }),
        commandFragment({ words: ['csexport', '/opt/x'], directories: ['/opt/a'], makes: '/opt/x' }),
        recordFragment('cs6-service'),
        runsFragment('example.com'),
        partFragment('example.com', `${run}.plan.json`),
        examineFragment({ paths: ['/etc/opt/ics.conf', '/etc'], folders: ['/etc/opt'] }),
      ],
      'abc',
    ),
  ],
  ['command that writes', requestScript([commandFragment({ words: ['cscal', 'delete'] })], 'abc', fence)],
  ...[undefined, { words: ['true'] }].map((status): readonly [string, string] => [
    `restart ${status ? 'by status' : 'by processes'}`,
    requestScript(
      restartFragments({ ...restart, ...(status && { status }) }).map(({ text }) => text),
      'abc',
      fence,
    ),
  ]),
  ['replacement', replaceScript({ ...commit, before: '1 2' }, 'abc', fence)],
  ['replacement by a new file', replaceScript({ ...commit, before: 'absent', like: '/etc/opt/x' }, 'abc', fence)],
  ['replacement over a dead lock', replaceScript({ ...commit, before: '1 2', deadHolder: 'xyz' }, 'abc', fence)],
  ['sweeping', sweepScript(['/etc/opt/.x.reconcile-new.abc'], 'abc')],
  ['kill', killScript(42, 'abc')],
  ['claim', stateScript(claimScript(words), 'abc')],
  ['take-over', stateScript(takeOverScript(words, 'beat-def', '2026-01-01 00:00:00'), 'abc')],
  ['clearing', stateScript(clearScript('2026-01-01 00:00:00'), 'abc')],
  ['look', stateScript(lookScript(), 'abc')],
  ['renewal', stateScript(renewScript('abc'), 'abc')],
  ['drop', stateScript(dropScript('abc', 5), 'abc')],
  ['acknowledgement', stateScript(acknowledgeScript(), 'abc')],
  ['record', stateScript(keepScript('cs6-service', record, fence), 'abc')],
  ['record of a run', stateScript(keepRunScript('example.com', run, parts, Buffer.from('x'), 50), 'abc')],
  ['dropping of records', stateScript(slimScript('example.com', [run]), 'abc')],
  ['watchdog', stateScript(startScript(watch, 'abc', fence), 'abc')],
  ['confirmation', stateScript(confirmScript('cs6', 'abc'), 'abc')],
];

/** The lines that become another user. They look before they use the `head` that counts bytes. */
const becoming = (['sudo', 'doas', 'su', 'pfexec'] as const).flatMap(by =>
  [true, false].map(terminal => {
    const line = becomeLine({ privilege: { by, as: 'root' }, answers: true, terminal, nonce: fence.mark });
    return [`${by}${terminal ? ' on a terminal' : ''}`, line.replaceAll("'\\''", "'")] as const;
  }),
);

/** What the Bourne shell of Solaris 10 does not know, or does otherwise. */
const forbidden: readonly (readonly [string, RegExp])[] = [
  ['$( ) and $(( ))', /\$\(/],
  ['${x#y}, ${x%y}, ${x:y}', /\$\{[^}]*[#%:]/],
  ['! as a command', /(^|[;&|]\s*|\b(if|while|then|do|else|elif)\s+)!(\s|$)/m],
  ['test with !', /\b(test|\[)\s+!/],
  ['export with a value', /\bexport\s+\w+=/],
  [
    'local, typeset, declare, readonly, function, source, printf, let, select',
    /(^|[\s;(])(local|typeset|declare|readonly|function|source|printf|let|select)\s/m,
  ],
  ['test -e and its younger friends', /\btest\s+-(e|nt|ot|ef|S|L|O|G)\b/],
  ['[[ ]], (( ))', /\[\[|(^|\s)\(\(/m],
  ['[ ] for test', /(^|[\s;])\[\s/m],
  ['== in a test', /\btest\b.*==/],
  ['here-documents and here-strings', /<</],
  ['process substitution, &>, |&, >|', /[<>]\(|&>|\|&|>\|/],
  ["$'…'", /\$'/],
  ['tilde', /(^|[\s=:])~/m],
  ['command, type, which, hash', /(^|[\s;])(command|type|which|hash)\s/m],
  [
    'tools that are not everywhere',
    /\b(mktemp|stat|readlink|realpath|base64|sha1sum|sha256sum|md5sum|timeout|seq|tac|find|xargs)\b/,
  ],
  ['cut, sed, awk, tr: not needed, and they differ', /(^|[\s;|`])(cut|sed|awk|tr|head|tail|grep)\s/m],
  ['$RANDOM, $SECONDS, $PWD, $UID', /\$\{?(RANDOM|SECONDS|PWD|UID|EUID|HOSTNAME|LINENO)\b/],
  ['unset', /\bunset\b/],
  ['an option of set', /\bset\s+[-+]/],
  ['signal names', /\b(trap|kill)\b.*\b(SIG)?(HUP|INT|TERM|KILL|EXIT|PIPE)\b/],
  ['a carriage return or a byte above 127', /[\r\u0080-\uffff]/],
];

test.each(scripts)(
  'the %s script has no function that is called like a variable: they share their names there',
  (_, script) => {
    const functions = new Set([...script.matchAll(/^(rcl_\w+)\(\) \{/gm)].map(match => match[1]));
    const variables = [...script.matchAll(/\b(rcl_\w+)=|\b(?:read|for) (rcl_\w+)|\bread rcl_\w+ (rcl_\w+)/g)];
    const named = variables.map(match => match[1] ?? match[2] ?? match[3]);
    expect(named.filter(name => functions.has(name))).toEqual([]);
  },
);

describe.each(becoming)('the line of %s is for the Bourne shell', (_, line) => {
  test.each(forbidden)('no %s', (_name, pattern) => {
    expect(line.replaceAll('head -c', '')).not.toMatch(pattern);
  });

  test('is one line, because csh has no quoted line ends, and has no quoted quotes', () => {
    expect(line).not.toMatch(/[\n!]/);
    expect(line).not.toContain("\\'");
  });
});

describe.each(scripts)('the %s script is for the Bourne shell', (_, script) => {
  test.each(forbidden)('no %s', (_name, pattern) => {
    expect(withoutQuotes(script)).not.toMatch(pattern);
  });

  test('no variable of another name than rcl_…, which might be exported on the host', () => {
    const withoutOperands = withoutQuotes(script).replace(/\bdd( \w+=\S+)+/g, 'dd');
    const assigned = [...withoutOperands.matchAll(/(?:^|[;`]|(?<!-o)\s)([A-Za-z_]\w*)=/gm)].map(
      match => match[1] ?? '',
    );
    const known = /^(rcl_\w+|PATH|HOME|LC_ALL|LS_BLOCK_SIZE|QUOTING_STYLE|TZ|IFS|PWD|A)$/;
    expect(assigned.filter(name => !known.test(name))).toEqual([]);
  });
});

test.each(scripts)('in the %s script no function has the name of a variable, which there are the same', (_, script) => {
  const functions = [...script.matchAll(/\b(rcl_\w+)\(\)/g)].map(([, name]) => name);
  const variables = [...withoutQuotes(script).matchAll(/\b(rcl_\w+)=|\bfor (rcl_\w+)\b|\bread (rcl_\w+)/g)];
  const names = new Set(variables.flatMap(([, ...found]) => found.filter(name => name !== undefined)));
  expect(functions.filter(name => name !== undefined && names.has(name))).toEqual([]);
});

test('the line in front of a script with data is for csh too, and for the Bourne shell', () => {
  expect(leadingScript(5_000)).not.toMatch(/[\n!']/);
  for (const [, pattern] of forbidden) expect(leadingScript(5_000)).not.toMatch(pattern);
  expect(waitingCommand('abc')).not.toMatch(/[\n!]/);
  for (const [, pattern] of forbidden) expect(waitingCommand('abc')).not.toMatch(pattern);
});

test('a command never sees the script', () => {
  for (const [name, script] of scripts.filter(([name]) => name !== 'record of a run')) {
    if (name.startsWith('replacement')) {
      expect(script, name).toMatch(/\ncat > "\.\/\$rcl_f" .*\numask 077\nexec <\/dev\/null\n/);
      continue;
    }
    expect(script, name).toMatch(/\n(rcl_main <\/dev\/null|exec <\/dev\/null; rcl_main)\n$/);
  }
});

/** Words of the user's may hold anything: within single quotes nothing is special. */
function withoutQuotes(script: string): string {
  return script.replace(/'[^']*'/g, "''");
}
