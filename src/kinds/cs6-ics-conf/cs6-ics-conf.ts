import type { Change } from '../../core/change.ts';
import { quotedValue } from '../../core/declared.ts';
import { type DesiredCs6Host, hostsOf } from '../../core/desired.ts';
import { type Finding, TargetProblem } from '../../core/finding.ts';
import { stated, yamlText } from '../../core/next-command.ts';
import type { Outcome, Work } from '../../core/run.ts';
import { finding } from '../../findings/catalogue.ts';
import type { FileReading, HostReader } from '../../ports/host.ts';
import { cs6, cs6Keys } from '../../products/cs6.ts';
import type { ResourceKind } from '../managed-kind.ts';
import {
  type EffectiveValue,
  editIcsConf,
  type IcsConfLine,
  icsConfOf,
  type LineProblem,
  sameValue,
} from '../shared/ics-conf-text.ts';
import { fileOfPackage, readIcsConf } from '../shared/places.ts';

/** The keys of ics.conf that coexistence needs, on every CS6 host (chapter 10, step 2), and those the file sets besides. */
export const cs6IcsConf: ResourceKind<DesiredCs6Host, FileReading> = {
  name: 'cs6-ics-conf',
  title: 'A setting of Calendar Server 6 is to be changed',
  stage: 'cs6-config',
  wishes: state => hostsOf(state, 'cs6').map(host => ({ target: host.name, desired: host })),
  declares: host =>
    host.settings.map(({ key, value, because, chapter, source }) => ({
      ...{ key, label: key, value: quotedValue(value), because, source },
      ...(chapter !== undefined && { chapter }),
    })),
  writes: ({ config }) => ({ paths: config }),
  async *read(host, ports) {
    const reading = await readIcsConf(host, ports.host(host.name));
    if (!reading) throw await noFile(host, ports.host(host.name));
    yield reading;
  },
  item: live => live.path,
  manages: (host, { key }) => host.settings.some(setting => setting.key === key),
  diff: (host, live) => diffIcsConf(host, live),
  check: (host, live) => [...brokenLines(host, live), ...anonymousRefused(host, live)],
  basis: live => live.content.toString('latin1'),
  async *apply(host, work, ports) {
    for (const item of work) yield* writeIcsConf(host, item, edited => ports.host(host.name).replace(edited));
  },
};

async function noFile(host: DesiredCs6Host, reader: HostReader): Promise<TargetProblem> {
  const { said, path } = await fileOfPackage(cs6.packages(host), reader);
  return new TargetProblem(
    finding('cs6.no-ics-conf', {
      detail: `${host.name} has none of ${host.config.join(', ')}.\n${said}\nSet its path in the file${path === undefined ? ', such as' : ':'}\n${stated(['cs6', 'hosts', host.name, 'config'], yamlText(path ?? host.config[0] ?? ''))}`,
      target: host.name,
      where: host.source,
    }),
  );
}

/** One byte is one character, whatever the encoding: nothing is lost on the way back. */
function textOf(live: FileReading): string {
  return live.content.toString('latin1');
}

function diffIcsConf(host: DesiredCs6Host, live: FileReading): readonly Change[] {
  const { lines, values } = icsConfOf(live.content);
  return host.settings.flatMap(({ key, value, source }): readonly Change[] => {
    const found = values.get(key);
    if (!found) return value === null ? [] : [{ action: 'create', item: live.path, key, after: value, source }];
    if (value !== null && !found.problem && sameValue(found.value, value)) return [];
    const reason = value === null ? timesAssigned(lines, key) : brokenReason(found);
    const facts = {
      item: live.path,
      key,
      before: found.value,
      ...(reason !== undefined && { reason }),
      source,
      live: { file: live.path, line: found.line },
    };
    return [value === null ? { ...facts, action: 'delete' } : { ...facts, action: 'update', after: value }];
  });
}

function brokenReason({ line, problem }: EffectiveValue): string | undefined {
  return problem && `line ${line} ${explanations[problem]}`;
}

/** A key that is to be absent has all its lines taken out, not only the one that decides. */
function timesAssigned(lines: readonly IcsConfLine[], key: string): string | undefined {
  const times = lines.filter(({ assignments }) => assignments.some(a => a.key === key)).map(({ line }) => line);
  return times.length > 1 ? `it is set in lines ${times.join(', ')}` : undefined;
}

const explanations: Readonly<Record<LineProblem, string>> = {
  'hash-comment': 'begins with #, where a comment begins with !',
  wrapped: 'has its value on the next line, but a parameter must be on one line',
  indented: 'does not begin in column 1',
  unquoted: 'has a value without double quotes',
  'two-assignments': 'has two assignments; the server reads one parameter per line',
  'trailing-text': 'continues after the closing quote',
  'upper-case-name': 'has a name that is not in lower case',
  'unclosed-quote': 'has a quote that is not closed',
  'not-understood': 'is neither a comment nor an assignment',
};

/** Lines that break the documented grammar; those that decide a managed key are also corrected by the plan. */
function brokenLines(host: DesiredCs6Host, live: FileReading): readonly Finding[] {
  const { lines, values } = icsConfOf(live.content);
  const managed = new Map(host.settings.map(s => [s.key, s.value]));
  return lines.flatMap(({ line, assignments, problem }): readonly Finding[] => {
    if (!problem) return [];
    const corrected = assignments.some(
      ({ key }) => managed.get(key) === null || (managed.has(key) && values.get(key)?.line === line),
    );
    const keys = assignments.map(a => a.key).join(', ');
    const place = `${host.name} ${live.path}:${line}${keys && ` (${keys})`}`;
    const where = { file: live.path, line };
    if (problem === 'hash-comment')
      return [
        finding('ics-conf.hash-comment', { detail: `${place} ${explanations[problem]}. ${decidesNothing}`, where }),
      ];
    return [
      finding(`ics-conf.${problem}`, {
        severity: corrected ? 'note' : 'warning',
        detail: `${place} ${explanations[problem]}.\n${corrected ? 'The plan corrects it.' : leftAsItIs}`,
        where,
      }),
    ];
  });
}

const decidesNothing = 'It has no effect and is left as it is.';

const leftAsItIs =
  'It is left as it is, because it is not documented how the server reads it. Correct it by hand, and restart the server.';

/** CS7, and the other front ends, ask for free/busy without a login. What counts where the key is not set is not documented. */
function anonymousRefused(host: DesiredCs6Host, live: FileReading): readonly Finding[] {
  const key = cs6Keys.anonymous;
  const found = icsConfOf(live.content).values.get(key);
  const managed = host.settings.some(setting => setting.key === key);
  if (!found || host.http === undefined || managed || /^y/i.test(found.value)) return [];
  return [
    finding('cs6.anonymous-refused', {
      detail: `${host.name}: ${key} is "${found.value}" (${live.path}:${found.line}).\nRequests for free/busy come without a login, so the server may refuse them. Set it in the file:\n${stated(['cs6', 'hosts', host.name, 'settings', key], '"yes"')}`,
      where: { file: live.path, line: found.line },
    }),
  ];
}

type Replace = (replacement: { path: string; expected: Buffer; content: Buffer }) => Promise<string | undefined>;

async function* writeIcsConf(
  host: DesiredCs6Host,
  { live, changes }: Work<FileReading>,
  replace: Replace,
): AsyncIterable<Outcome> {
  const edits = changes.map(change => ({
    key: change.key,
    value: typeof change.after === 'string' ? change.after : undefined,
  }));
  const content = Buffer.from(editIcsConf(textOf(live), edits), 'latin1');
  const backup = await replace({ path: live.path, expected: live.content, content });
  for (const change of changes)
    yield { change, state: 'done', ...(backup && { detail: `backup ${host.name}:${backup}` }) };
}
