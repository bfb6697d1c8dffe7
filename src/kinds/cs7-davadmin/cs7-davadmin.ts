import type { Change, Value } from '../../core/change.ts';
import { chapter, type Declared, quotedValue } from '../../core/declared.ts';
import { type DesiredCs7Host, type DesiredOption, hostsOf } from '../../core/desired.ts';
import type { Finding, SourcePosition } from '../../core/finding.ts';
import type { Outcome } from '../../core/run.ts';
import { finding } from '../../findings/catalogue.ts';
import type { HostWriter } from '../../ports/host.ts';
import { cs7FilePlaces, cs7Options, davadmin } from '../../products/cs7.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { readOption } from '../shared/davadmin-command.ts';
import { excerpt, unexpected } from '../shared/service.ts';

/** A host, with the place in the file that names the attribute of unique ids. */
interface DesiredOptions extends DesiredCs7Host {
  readonly directory: { readonly source: SourcePosition };
}

/** What its changes are made with. */
const tool = 'davadmin config';

/** Option name -> value as davadmin prints it; an option that is not set has an empty one. */
type LiveOptions = ReadonlyMap<string, string>;

/** Changing it after data exists loses that data (Calendar Server 8 Installation Guide, post-configuration): read, never written. */
const uniqueIdOption = cs7Options.uniqueId;

const listOption = cs7Options.subject;

/**
 * Options of CS7, by davadmin. A list is added to at its end and keeps all that others put there, because
 * `config modify` replaces the whole value. An option that is to be unset gets an empty value.
 */
export const cs7Davadmin: ResourceKind<DesiredOptions, LiveOptions> = {
  name: 'cs7-davadmin',
  title: 'An option of Calendar Server 7 is to be changed',
  stage: 'cs7-config',
  wishes: state =>
    hostsOf(state, 'cs7').map(host => ({
      target: host.name,
      desired: { ...host, directory: { source: state.directory.source } },
    })),
  declares: host => [...host.options.map(declareOption), declareUniqueId(host)],
  writes: host => ({ paths: cs7FilePlaces(host, 'options'), program: 'davadmin' }),
  async *read(host, ports) {
    const names = [...host.options.map(option => option.name), uniqueIdOption];
    const values = await Promise.all(names.map(name => readOption(host, ports.host(host.name), name)));
    yield new Map(names.map((name, i) => [name, values[i] ?? '']));
  },
  item: () => tool,
  manages: (host, { item, key }) => item === tool && host.options.some(({ name }) => name === key),
  diff: (host, live) => host.options.flatMap(option => diffOption(option, live.get(option.name) ?? '')),
  check: (host, live) => [...uniqueIdFinding(host, live.get(uniqueIdOption) ?? ''), ...shortList(host, live)],
  async *apply(host, work, ports) {
    for (const { changes } of work) {
      for (const change of changes) yield { change, ...(await modify(host, ports.host(host.name), change)) };
    }
  },
};

function declareOption({ name, value, because, chapter, source }: DesiredOption): Declared {
  return {
    ...{ key: name, label: name, value: optionInWords(value), because, source },
    ...(chapter !== undefined && { chapter }),
  };
}

function optionInWords(value: DesiredOption['value']): string {
  if (value === null || typeof value === 'string') return quotedValue(value);
  return `a list with at least ${value.include.join(', ')}; what else is in it stays`;
}

function declareUniqueId({ uniqueIdAttribute, directory }: DesiredOptions): Declared {
  return {
    key: uniqueIdOption,
    label: uniqueIdOption,
    value: `"${uniqueIdAttribute}" already; reconcile compares it and never writes it`,
    because: 'CS7 files the data of an account under it, and a change on a server that holds data loses that data.',
    chapter: chapter.overview,
    source: directory.source,
    unchanged: true,
  };
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter(word => word !== '');
}

function diffOption(option: DesiredOption, live: string): readonly Change[] {
  const { name, value, source } = option;
  const base = { item: tool, key: name, source };
  if (value === null) return live === '' ? [] : [{ ...base, action: 'delete', before: live }];
  if (typeof value !== 'string') return diffList(base, value.include, live);
  if (sameText(live, value, option.caseMatters)) return [];
  if (live === '') return [{ ...base, action: 'create', after: value }];
  return [{ ...base, action: 'update', before: live, after: value }];
}

function diffList(base: Omit<Change, 'action'>, include: readonly string[], live: string): readonly Change[] {
  const has = words(live);
  const known = new Set(has.map(word => word.toLowerCase()));
  const missing = include.filter(word => !known.has(word.toLowerCase()));
  if (missing.length === 0) return [];
  if (has.length === 0) return [{ ...base, action: 'create', after: missing }];
  return [{ ...base, action: 'update', before: has, after: [...has, ...missing] }];
}

function sameText(a: string, b: string, caseMatters: boolean): boolean {
  return caseMatters ? a.trim() === b.trim() : a.trim().toLowerCase() === b.trim().toLowerCase();
}

function uniqueIdFinding(host: DesiredCs7Host, live: string): readonly Finding[] {
  if (live.trim().toLowerCase() === host.uniqueIdAttribute.toLowerCase()) return [];
  const detail =
    `${host.name}: ${uniqueIdOption} is ${live.trim() === '' ? 'not set' : `"${live.trim()}"`}, and directory.uniqueId.attribute is "${host.uniqueIdAttribute}".\n` +
    'Changing it on a server that holds data loses that data, so reconcile never does.\nSet directory.uniqueId.attribute to what the server uses.';
  return [finding('cs7.unique-id-differs', { detail, where: host.source })];
}

/**
 * The chapter prints `-v davstore` where it says to add it, and that replaces the list: CS7 then no longer fetches what
 * every look-up needs. Which names a site had besides cannot be known, so this is told and not mended.
 */
function shortList(host: DesiredCs7Host, live: LiveOptions): readonly Finding[] {
  const has = words((live.get(listOption) ?? '').toLowerCase());
  const missing = ['cn', 'icsstatus', 'mail'].filter(name => !has.includes(name));
  if (missing.length === 0) return [];
  const detail =
    `${host.name}: ${listOption} lacks ${missing.join(', ')}, which every installation starts with.\n` +
    'It may have been replaced where it should have been added to, and then look-ups fail for everybody.\nCompare it with another host or a backup of davserver.properties, and put back what is missing.';
  return [finding('cs7.subject-attributes-short', { detail, where: host.source })];
}

/** Lists are sets of words in whichever case. */
function sameValue(read: string, wanted: Value | undefined, caseMatters: boolean): boolean {
  if (wanted === undefined || typeof wanted === 'string') return sameText(read, wanted ?? '', caseMatters);
  const normal = (value: readonly string[]) => [...new Set(value.map(word => word.toLowerCase()))].sort().join(' ');
  return normal(words(read)) === normal(wanted);
}

/** Nobody documents what a modify prints or when it fails, so the value is read before and after. */
async function modify(host: DesiredCs7Host, writer: HostWriter, change: Change): Promise<Omit<Outcome, 'change'>> {
  const caseMatters = host.options.find(option => option.name === change.key)?.caseMatters ?? true;
  const found = await readOption(host, writer, change.key);
  if (!sameValue(found, change.before, caseMatters))
    return { state: 'conflict', detail: `${change.key} is now "${found}"` };
  const value = typeof change.after === 'string' ? change.after : (change.after ?? []).join(' ');
  const said = await writer.run(davadmin(host, 'config', 'modify', '-o', change.key, '-v', value));
  if (said.state === 'absent') throw unexpected(host.name, 'davadmin config modify', said);
  const read = await readOption(host, writer, change.key);
  if (sameValue(read, change.after, caseMatters)) return { state: 'done' };
  const refused = value === '' ? ' It may be that an option cannot be emptied this way: nobody documents it.' : '';
  const detail = `davadmin ended with ${said.code}, and reading back shows "${read}".${refused} It printed:\n${excerpt(said.output)}`;
  return { state: 'failed', detail };
}
