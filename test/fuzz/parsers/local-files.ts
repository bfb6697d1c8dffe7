import { readFileSync } from 'node:fs';
import { ciJob, commitId, oneLine } from '../../../src/adapters/local/ci-job.ts';
import { readCommitHeader } from '../../../src/adapters/local/git.ts';
import { canonicalJson, sha256 } from '../../../src/core/canonical.ts';
import { isZone } from '../../../src/core/change-window.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { webAddress } from '../../../src/core/printable.ts';
import { parseDuration, parsePercent } from '../../../src/core/units.ts';
import { type RunRecord, readKeptRecord, readRunRecord } from '../../../src/engine/run-record.ts';
import { editEstate } from '../../../src/estate/edit-estate.ts';
import { loadEstate } from '../../../src/estate/load.ts';
import { readTree } from '../../../src/estate/read-tree.ts';
import { makeSourceText } from '../../../src/estate/source-text.ts';
import { readHostWords } from '../../../src/import/host-words.ts';
import { readUrls } from '../../../src/import/questions.ts';
import { readSetting, valueText } from '../../../src/import/set-key.ts';
import { buildPlan } from '../../../src/plan/build.ts';
import { parsePlanFile, readPlanFile, renderPlanFile } from '../../../src/plan/plan-file.ts';
import { parseShard } from '../../../src/plan/shard.ts';
import { parseParts, renderPart, sealPart } from '../../../src/plan/shard-part.ts';
import { readSnapshot } from '../../../src/snapshot/read.ts';
import { noMemory, parseMemory, renderMemory } from '../../../src/watch/watch-state.ts';
import { estateSchema } from '../../kinds/cases.ts';
import { state } from '../hosts.ts';
import { asBytes, claim, type Parser } from '../parser.ts';

const schemaOf = (name: string): object => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'));
const [planSchema, partSchema, recordSchema, snapshotSchema] = ['plan', 'part', 'record', 'snapshot'].map(schemaOf) as [
  object,
  object,
  object,
  object,
];
const json = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '{"__proto__":{}}',
  'null',
  'true',
  '1e400',
  '"\\ud800"',
  '{"a":',
  '[1,',
];

/** A finding says what is wrong, and where that is in the file. */
function findingsHold(findings: readonly Finding[]): void {
  for (const { code, detail, where } of findings) {
    claim(/^[a-z]+\.[a-z-]+$/.test(code) && detail !== '', 'a finding has words');
    claim(where === undefined || where.line >= 1, 'a place is in the file');
  }
}

const example = readFileSync('examples/chapter.yaml', 'utf8');

const estate: Parser = {
  name: 'estate file',
  covers: ['loadEstate', 'decode', 'decodeText', 'parseYaml', 'readTree'],
  samples: [example, readFileSync('test/estate/chapter-in-braces.yaml', 'utf8'), 'version: 1\nname: a\n'],
  words: [
    '- ',
    ': ',
    '{ ',
    ' }',
    '[',
    ']',
    '&a ',
    '*a',
    '!!str ',
    '<<: ',
    '? ',
    '|\n',
    '>\n',
    '"',
    "'",
    '# ',
    '%YAML 1.1\n',
    '---\n',
    '\t',
    '  ',
    'password: ',
    'a: &a [*a]',
  ],
  read: text =>
    loadEstate('estate.yaml', Buffer.from(text, 'latin1'), estateSchema, {}, { readFile: () => ({ reason: 'none' }) }),
  bytes: true,
  holds: (_, result) => {
    const { state: read, findings } = result as ReturnType<typeof loadEstate>;
    findingsHold(findings);
    claim(
      (read === undefined) === findings.some(({ severity }) => severity === 'error'),
      'it is valid or has an error',
    );
  },
};

const edits: Parser = {
  name: 'edits of an estate file',
  covers: ['editEstate'],
  samples: [
    example,
    readFileSync('test/estate/chapter-in-braces.yaml', 'utf8'),
    'version: 1\ncs6: { hosts: { a: {} } } # x\n',
    'limits: {\n  restarts: 1 # a, b\n  # ---\n}\n',
  ],
  words: ['# ', '#', ' # # ', ',', '{', '}', '\n', ' ', '\r\n', '- '],
  longest: 64_000,
  // A file with mistakes is not edited.
  read: text => {
    if (readTree(makeSourceText('f', text)).findings.length > 0) return undefined;
    return editEstate(
      text,
      [
        { path: ['limits', 'moves'], value: 7 },
        { path: ['cs6', 'hosts', 'zz'], value: { address: 'b' } },
      ],
      estateSchema,
    );
  },
  holds: (_, result) => {
    const edited = result as ReturnType<typeof editEstate> | undefined;
    claim(!edited || 'refused' in edited || /7/.test(edited.text), 'what was set is in the file');
  },
};

const member = (name: string, samples: readonly string[]): Parser => ({
  name,
  covers: ['readListedMembers', 'readMemberFile', 'collectNames'],
  samples,
  words: [',', '"', '""', ';', '\t', 'uid', 'dn', '\r\n', '# ', '=', '"uid=a,o=b"', '1.2E+11', ',,,'],
  bytes: true,
  read: text => {
    const file = name.endsWith('csv') ? 'cohorts/pilot.csv' : 'cohorts/pilot.txt';
    const source = readFileSync('examples/large-site.yaml', 'utf8');
    return loadEstate(
      'estate.yaml',
      source.replaceAll(/cohorts\/[\w.-]+/g, file),
      estateSchema,
      {},
      { readFile: () => Buffer.from(text, 'latin1') },
    );
  },
  holds: (_, result) => findingsHold((result as ReturnType<typeof loadEstate>).findings),
});

const plan = buildPlan(state, [], {
  tool: '0',
  readAt: '2026-11-22T10:00:00.000Z',
  accounts: { counted: 1, all: true },
  warnings: [],
});
const planText = [...renderPlanFile(plan)].join('');

const plans: Parser = {
  name: 'saved plan',
  covers: ['parsePlanFile', 'readPlanFile', 'renderPlanFile'],
  samples: [planText],
  words: json,
  read: async text => {
    const whole = parsePlanFile('plan.json', text, planSchema);
    const inPieces = await readPlanFile('plan.json', pieces(asBytes(text)), planSchema);
    claim(
      canonicalJson(whole) === canonicalJson(inPieces) || /[\ud800-\udfff]/.test(text),
      'a plan in pieces is the same',
    );
    return whole;
  },
  holds: (text, result) => {
    const read = result as ReturnType<typeof parsePlanFile>;
    findingsHold(read.findings);
    claim((read.plan === undefined) === read.findings.length > 0, 'it is a plan or has a problem');
    if (read.plan) claim(canonicalJson(JSON.parse(text)) === canonicalJson(plan), 'no changed plan passes');
  },
};

const part = sealPart({
  tool: '0',
  shard: { number: 1, of: 2 },
  readAt: '2026-11-22T10:00:00.000Z',
  desired: state,
  comparisons: [],
  warnings: [],
});

const parts: Parser = {
  name: 'part of a plan',
  covers: ['parseParts'],
  samples: [renderPart(part)],
  words: json,
  read: text => parseParts([{ file: 'a.json', text }], { part: partSchema, plan: planSchema }),
  holds: (text, result) => {
    const [read] = result as ReturnType<typeof parseParts>;
    claim(read !== undefined, 'each file has an answer');
    if (read && 'part' in read)
      claim(canonicalJson(JSON.parse(text)) === canonicalJson(part), 'no changed part passes');
  },
};

const at = '2026-11-22T10:00:00.000Z';
const JOURNAL = [
  {
    line: 'begin',
    write: 1,
    step: 'cs6/cs6-ics-conf',
    target: 'cs6',
    operation: 'replace',
    path: '/ics.conf',
    before: 'x',
    after: 'y',
    keys: ['a'],
  },
  { line: 'end', write: 1, state: 'done', backup: '/ics.conf.old' },
  {
    line: 'begin',
    write: 2,
    step: 'd',
    target: 'directory',
    operation: 'modify',
    dn: 'uid=a,o=isp',
    modifications: [{ operation: 'add', attribute: 'davStore', values: ['b'] }],
  },
  { line: 'end', write: 2, state: 'not known', detail: 'x' },
  { line: 'tier', steps: ['d'] },
]
  .map(line => `${JSON.stringify({ at, ...line })}\n`)
  .join('');

const journal: Parser = {
  name: 'record of a run',
  covers: ['readRunRecord', 'readKeptRecord'],
  samples: [JOURNAL],
  words: [...json, '"line":"end"', '"state":"done"', '\n{}\n', '\n\n'],
  read: text => [readRunRecord('r', text, recordSchema), readKeptRecord('r', text, recordSchema)],
  holds: (text, result) => {
    for (const record of (result as readonly (RunRecord | undefined)[]).filter(one => one !== undefined)) {
      claim(record.writes <= text.split('"begin"').length - 1, 'a write that was begun is in the text');
      claim(
        record.made.length <= record.writes && record.open.length <= record.writes,
        'no more is made than was begun',
      );
      const whole = text.split('\n').filter(line => line !== '');
      const isOdd = whole.slice(0, -1).some(line => !line.endsWith('}'));
      claim(!isOdd || record.knownSteps !== undefined, 'where a line is cut, not every step is known');
    }
  },
};

const lineTexts = [
  {
    line: 'snapshot',
    formatVersion: 1,
    tool: '0',
    estate: 'e',
    takenAt: at,
    directory: { url: 'ldap://h', accounts: [], attributes: ['uid'], bases: [] },
  },
  { line: 'schema', attributes: [], matching: [], objectClasses: [], superiors: [] },
  { line: 'account', dn: 'uid=a,o=isp', attributes: { uid: ['a'] } },
].map(line => `${JSON.stringify(line)}\n`);
const SNAPSHOT = `${lineTexts.join('')}${JSON.stringify({ line: 'end', accounts: 1, sha256: sha256(lineTexts.join('')), irregular: [] })}\n`;

async function* pieces(text: string) {
  for (let at = 0; at < text.length; at += 700) yield Buffer.from(text.slice(at, at + 700), 'latin1');
}

const snapshot: Parser = {
  name: 'snapshot',
  covers: ['readSnapshot', 'AccountStore'],
  samples: [SNAPSHOT],
  words: [...json, '\n', '\n{}\n', lineTexts[2] ?? ''],
  bytes: true,
  read: text => readSnapshot('live.jsonl.gz', pieces(text), snapshotSchema),
  holds: (text, result) => {
    const isWhole = 'head' in (result as object);
    claim(
      !isWhole ||
        text.trimEnd() === SNAPSHOT.trimEnd() ||
        JSON.stringify(text.split('\n').slice(0, 3)) === JSON.stringify(SNAPSHOT.split('\n').slice(0, 3)),
      'no changed snapshot passes',
    );
  },
};

const memory: Parser = {
  name: 'memory of a watch',
  covers: ['parseMemory', 'renderMemory'],
  samples: [
    renderMemory(noMemory('drift')),
    renderMemory({
      of: 'verify',
      estate: 'e',
      succeededAt: 1,
      known: { wrong: [{ target: 'a', kind: 'k', count: 1, digest: 'd' }], problems: ['x y'], unread: [] },
      told: { mail: { wrong: [], problems: [], unread: ['b'] } },
    }),
  ],
  words: json,
  read: parseMemory,
  holds: (_, result) => {
    const read = result as ReturnType<typeof parseMemory>;
    if (read)
      claim(
        canonicalJson(parseMemory(renderMemory(read))) === canonicalJson(read),
        'what was read is written the same',
      );
  },
};

const commits: Parser = {
  name: 'commits of git',
  covers: ['readCommitHeader'],
  samples: ['tree ab\nparent cd01\nauthor A <a@b> 1763804990 +0000\ncommitter A B <a@b> 1763804990 +0100'],
  words: ['committer ', 'parent ', ' +0000', ' 99999999999', '-', '\n'],
  read: readCommitHeader,
  holds: (text, result) => {
    const { day, parent = '' } = result as ReturnType<typeof readCommitHeader>;
    claim(text.includes(parent), 'the parent is in the commit');
    claim(day === undefined || /^\d{4}-\d\d-\d\d$/.test(day), 'a day is one of a calendar');
  },
};

const units: Parser = {
  name: 'durations, shares, zones, shards and addresses',
  covers: ['parseDuration', 'parsePercent', 'isZone', 'parseShard', 'webAddress', 'commitId', 'oneLine', 'ciJob'],
  samples: ['15m', '12.5%', 'Europe/Berlin', '2/4', 'https://ci.example.com/a/b?', 'A B <a@b>'],
  words: ['0', '9', 's', '%', '/', '.', '<', '>', ' ', ':', '-'],
  read: text => {
    const job = ciJob({
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: text,
      GITHUB_SHA: text,
      GITHUB_SERVER_URL: text,
      GITHUB_REF: text,
      GITLAB_CI: 'true',
      CI_COMMIT_AUTHOR: text,
    });
    return {
      all: [parseDuration(text), parsePercent(text), isZone(text), parseShard(text), webAddress(text), commitId(text)],
      name: oneLine(text),
      job,
    };
  },
  holds: (_, result) => {
    const { all, name } = result as { readonly all: readonly unknown[]; readonly name: string };
    const [duration = 0, percent = 0] = all as readonly [number?, number?];
    claim(Number.isSafeInteger(duration) && duration >= 0 && percent >= 0 && percent <= 100, 'a number is sensible');
    claim(!/[\n\x1b]/.test(name), 'a name is one line');
  },
};

const words: Parser = {
  name: 'words of import',
  covers: ['readHostWords', 'readSetting', 'readUrls'],
  samples: [
    'root@cs6server.example.com:2222, cs7 [::1]:22',
    'limits.moves=7',
    'cs6.hosts."a.b".address="x"',
    'ldap://h:389',
  ],
  words: ['@', ':', '::', '[', ']', ',', '"', '=', '\\', '.', '{ ', '~', 'ldap://'],
  longest: 32_000,
  read: text => {
    const setting = readSetting(text, estateSchema);
    if ('path' in setting && setting.value !== undefined) valueText(setting.value);
    return [readHostWords(text), setting, readUrls([text])];
  },
};

/** Files of this machine and words of a person. */
export const localFiles: readonly Parser[] = [
  ...[
    estate,
    edits,
    member('members as csv', ['uid,dn\njdoe,\n,"uid=a,o=isp"\n', '\ufeffUID;x\na;b\n']),
    member('members as text', ['# w\njdoe\nuid=a,ou=P,o=isp\n']),
  ],
  ...[plans, parts, journal, snapshot, memory, commits, units, words],
];
