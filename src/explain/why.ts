import type { RouteFact } from '../core/connection.ts';
import type { Declared, ManagedTarget } from '../core/declared.ts';
import type { DesiredIgnore, DesiredState, Host } from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import type { Page, PageSection } from '../core/report.ts';
import type { EstateDocument } from '../estate/document.ts';
import { chapterSection } from './explain-page.ts';
import { findFurtherSetting, findLiveSetting, settingNames } from './live-settings.ts';
import { nearestNames } from './schema-keys.ts';

/** Why a key on a host, or an attribute in the directory, must be what it must be. */
export type WhyAnswer =
  | { readonly state: 'wanted'; readonly answers: readonly Declared[]; readonly ignored: readonly DesiredIgnore[] }
  | { readonly state: 'left-alone'; readonly reason: string }
  | { readonly state: 'unknown-host'; readonly near: readonly string[]; readonly known: readonly string[] }
  | { readonly state: 'unknown-key'; readonly near: readonly string[] };

/** Looks the answer up in what the kinds declare; nothing is asked of a host. */
export function askWhy(state: DesiredState, managed: readonly ManagedTarget[], target: string, key: string): WhyAnswer {
  const declared = managed.filter(one => one.target === target).flatMap(one => one.declared);
  if (!targetNames(state).includes(target)) return unknownHost(state, target);
  const answers = declared.filter(one => [one.key, one.file].some(name => name !== undefined && sameName(name, key)));
  if (answers.length === 0) return notManaged(declared, target, key);
  const ignored = state.ignore.filter(entry => entry.target === target && sameName(entry.key, key));
  return { state: 'wanted', answers, ignored };
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The hosts of the file, and the directory. */
export function targetNames({ hosts }: DesiredState): readonly string[] {
  return [...hosts.map(host => host.name), 'directory'];
}

function unknownHost(state: DesiredState, target: string): WhyAnswer {
  const known = targetNames(state);
  return { state: 'unknown-host', near: nearestNames(target, known), known };
}

function notManaged(declared: readonly Declared[], target: string, key: string): WhyAnswer {
  const live = findLiveSetting(key);
  if (live)
    return { state: 'left-alone', reason: `${live.name} is ${live.place}. On ${target} nothing is set by that name.` };
  const further = findFurtherSetting(key);
  if (further)
    return { state: 'left-alone', reason: `${further.known.meaning} The file does not name it for ${target}.` };
  const near = nearestNames(key, knownOn(declared, target), 2);
  const plausible = target === 'directory' ? /^[A-Za-z][A-Za-z0-9;-]*$/ : /^[\w[\]-]+(\.[\w[\]-]+)+$/;
  if (near.length > 0 || !plausible.test(key)) return { state: 'unknown-key', near };
  return {
    state: 'left-alone',
    reason: `Nothing is known of ${key} here, and the file does not name it for ${target}.`,
  };
}

/** Names that a key of this target can be a slip of. */
function knownOn(declared: readonly Declared[], target: string): readonly string[] {
  const known = target === 'directory' ? settingNames.filter(name => !name.includes('.')) : settingNames;
  return [...known, ...declared.flatMap(({ key }) => key ?? [])];
}

/** How much of a line of the file is shown. */
const widestLine = 160;

/** An answer that could be given, laid out; `lineAt` gives the text of a line of the file. */
export function whyPage(
  target: string,
  key: string,
  answer: Extract<WhyAnswer, { state: 'wanted' | 'left-alone' }>,
  lineAt: (where: SourcePosition) => string | undefined,
): Page {
  const title = `${target} ${key}`;
  if (answer.state === 'left-alone')
    return {
      title,
      sections: [
        { heading: 'left alone', text: 'reconcile does not manage it: it stays as it is, byte for byte.' },
        { heading: 'because', text: answer.reason },
      ],
    };
  const wanted = answer.answers.flatMap((one): readonly PageSection[] => [
    { heading: 'must be', text: one.value },
    { heading: 'because', text: one.because },
    { heading: 'asked for by', lines: placeLines(one.source, lineAt) },
  ]);
  return {
    title,
    sections: [...wanted, ...ignoredSection(answer, lineAt), ...chapterSection(answer.answers[0]?.chapter)],
  };
}

/** A place and its line, as pages show them. */
export function placeLines(
  where: SourcePosition,
  lineAt: (where: SourcePosition) => string | undefined,
): readonly string[] {
  const line = lineAt(where)?.trim();
  const place = `${where.file}:${where.line}`;
  if (line === undefined) return [place];
  return [place, `    ${line.length > widestLine ? `${line.slice(0, widestLine)}…` : line}`];
}

/** The name by which `why` is asked how a host is reached. */
export const routeKey = 'ssh';

/** A value of the way to a host, with the line that states it where a file does. */
export interface PlacedFact extends Pick<RouteFact, 'hop' | 'key' | 'value'> {
  /** Absent: it is the default, or `from` says what else it is. */
  readonly where?: SourcePosition;
  readonly from: RouteFact['source']['from'];
}

/** Finds the line of the estate files that states each value of the way to a host. */
export function placeFacts(
  facts: readonly RouteFact[],
  { name, product }: Pick<Host, 'name' | 'product'>,
  document: EstateDocument,
): readonly PlacedFact[] {
  const host = [product, 'hosts', name];
  const placeOf = (key: string): SourcePosition => {
    const paths = [
      [...host, key],
      [...host, 'ssh', key],
      [product, 'ssh', key],
      ['ssh', key],
    ];
    return document.atKey(paths.find(path => document.part(path)) ?? host);
  };
  return facts.map(({ hop, key, value, source }) => {
    const { from } = source;
    if (from === 'estate') return { hop, key, value, from, where: placeOf(source.key) };
    const { file, line } = from === 'ssh-config' ? source : {};
    return { hop, key, value, from, ...(file !== undefined && line !== undefined && { where: { file, line } }) };
  });
}

/** How a host is reached: each hop with its values, and where each comes from. */
export function routePage(target: string, facts: readonly PlacedFact[]): Page {
  const hops = [...new Set(facts.map(({ hop }) => hop))];
  const own = facts.at(-1)?.hop;
  const sections = hops.map((hop, index): PageSection => {
    const ofHop = facts.filter(fact => fact.hop === hop);
    const widest = (column: 'key' | 'value') => Math.min(44, Math.max(...ofHop.map(fact => fact[column].length)));
    const lines = ofHop.map(
      ({ key, value, where, from }) =>
        `${key.padEnd(widest('key'))}  ${value.padEnd(widest('value'))}  ${where ? `${where.file}:${where.line}` : origins[from]}`,
    );
    return { heading: hop === own ? 'the host' : `jump host ${index + 1}`, text: hop, lines };
  });
  return { title: `${target} ${routeKey}`, subtitle: 'how the host is reached', sections };
}

const origins: Readonly<Record<RouteFact['source']['from'], string>> = {
  estate: 'the estate file',
  'ssh-config': 'the OpenSSH configuration (ssh -G)',
  default: 'default',
};

function ignoredSection(
  { ignored }: Extract<WhyAnswer, { state: 'wanted' }>,
  lineAt: (where: SourcePosition) => string | undefined,
): readonly PageSection[] {
  return ignored.map(({ item, until, reason, owner, source }) => {
    const of = item === undefined ? '' : ` of ${item}`;
    const text = `A difference${of} is left alone until ${until} (${reason}; ask ${owner}).`;
    return { heading: 'ignored', text, lines: placeLines(source, lineAt) };
  });
}
