import type { Change, Value } from '../../core/change.ts';
import { chapter, type Declared, quotedValue } from '../../core/declared.ts';
import { type DesiredCs7Host, type DesiredOption, hostsOf } from '../../core/desired.ts';
import type { Finding, SourcePosition } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Outcome } from '../../core/run.ts';
import { finding } from '../../findings/catalogue.ts';
import type { CommandResult, HostWriter } from '../../ports/host.ts';
import { backendNames, cs7FilePlaces, cs7Options, davadmin } from '../../products/cs7.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { type OptionsReading, readOptions } from '../shared/davadmin-command.ts';
import { cameBack, unexpected } from '../shared/service.ts';

/** A host, with the place in the file that names the attribute of unique ids. */
interface DesiredOptions extends DesiredCs7Host {
  readonly directory: { readonly source: SourcePosition };
}

/** What its changes are made with. */
const tool = 'davadmin config';

/** Changing it after data exists loses that data (Calendar Server 8 Installation Guide, post-configuration): read, never written. */
const uniqueIdOption = cs7Options.uniqueId;

const listOption = cs7Options.subject;

/**
 * Options of CS7, by davadmin. A list is added to at its end and keeps all that others put there, because
 * `config modify` replaces the whole value. An option that is to be unset gets an empty value.
 */
export const cs7Davadmin: ResourceKind<DesiredOptions, OptionsReading> = {
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
    yield await readOptions(host, ports.host(host.name), names);
  },
  item: () => tool,
  manages: (host, { item, key }) => item === tool && host.options.some(({ name }) => name === key),
  unclear: (host, live) => host.options.flatMap(({ name }) => (knownValue(live, name) === undefined ? [name] : [])),
  diff: (host, live) =>
    host.options.flatMap(option => {
      const value = knownValue(live, option.name);
      return value === undefined ? [] : diffOption(option, value);
    }),
  check: (host, live) => [
    ...unclearFindings(host, live),
    ...uniqueIdFinding(host, live),
    ...shortList(host, live),
    ...missingBackends(host, live),
  ],
  async *apply(host, work, ports) {
    for (const { live, changes } of work) yield* modifyOptions(host, ports.host(host.name), live, changes);
  },
};

/** Nothing where it is not known. */
function knownValue({ values }: OptionsReading, name: string): string | undefined {
  return values.get(name.toLowerCase());
}

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
    value: `already "${uniqueIdAttribute}"; reconcile compares it and never writes it`,
    because: 'CS7 stores the data of an account under it, and a change on a server with data loses that data.',
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

function unclearFindings(host: DesiredCs7Host, { unclear, fromFile, values }: OptionsReading): readonly Finding[] {
  const where = host.source;
  const lost = [...unclear].map(([name, why]) => {
    const detail = `${host.name}: ${name}\n${why}\nIts value is not known, so it is left out of the plan. The rest of the host is planned.\nRun ./davadmin config -o ${name} in sbin there and compare. If the option must be set, set it by hand: a value that davadmin prints is read.`;
    return finding('cs7.option-unclear', { detail, where });
  });
  const told = [...fromFile].map(name => {
    const detail = `${host.name}: the output of davadmin for ${name} is not understood, and davserver.properties has "${printable(values.get(name) ?? '')}".\nThat value counts.`;
    return finding('cs7.option-from-file', { detail, where });
  });
  return [...lost, ...told];
}

function uniqueIdFinding(host: DesiredCs7Host, options: OptionsReading): readonly Finding[] {
  const live = knownValue(options, uniqueIdOption)?.trim();
  if (live === undefined || live.toLowerCase() === host.uniqueIdAttribute.toLowerCase()) return [];
  const detail =
    `${host.name}: ${uniqueIdOption} is ${live === '' ? 'not set' : `"${live}"`}, and directory.uniqueId.attribute is "${host.uniqueIdAttribute}".\n` +
    'Changing it on a server with data loses that data, so reconcile never does.\nSet directory.uniqueId.attribute to the attribute that the server uses.';
  return [finding('cs7.unique-id-differs', { detail, where: host.source })];
}

/** The back ends that a server has are among its options; where none is listed, nothing is known of them. */
function missingBackends(host: DesiredCs7Host, { listed }: OptionsReading): readonly Finding[] {
  const found = backendNames(listed);
  const known = new Set(found.map(name => name.toLowerCase()));
  if (known.size === 0) return [];
  return host.backends
    .filter(name => !known.has(name.toLowerCase()))
    .map(name => {
      const detail = `${host.name}: cs7.backends has ${name}, but the options of the server name ${found.join(', ')} (store.dav.*).\nAccounts that move to ${name} would have no calendars there.\nRun ./davadmin backend list in sbin there, and correct cs7.backends or add the back end.`;
      return finding('cs7.backend-missing', { detail, where: host.source });
    });
}

/**
 * The chapter prints `-v davstore` where it says to add it, and that replaces the list: CS7 then no longer fetches what
 * every look-up needs. Which names a site had besides cannot be known, so this is told and not mended.
 */
function shortList(host: DesiredCs7Host, live: OptionsReading): readonly Finding[] {
  const value = knownValue(live, listOption);
  if (value === undefined) return [];
  const has = words(value.toLowerCase());
  const missing = ['cn', 'icsstatus', 'mail'].filter(name => !has.includes(name));
  if (missing.length === 0) return [];
  const detail =
    `${host.name}: ${listOption} lacks ${missing.join(', ')}, which every new installation has.\n` +
    'Perhaps the list was replaced instead of extended. Then look-ups fail for all users.\nCompare it with another host or a backup of davserver.properties, and add the missing names.';
  return [finding('cs7.subject-attributes-short', { detail, where: host.source })];
}

/** Lists are sets of words in whichever case. */
function sameValue(read: string, wanted: Value | undefined, caseMatters: boolean): boolean {
  if (wanted === undefined || typeof wanted === 'string') return sameText(read, wanted ?? '', caseMatters);
  const normal = (value: readonly string[]) => [...new Set(value.map(word => word.toLowerCase()))].sort().join(' ');
  return normal(words(read)) === normal(wanted);
}

/**
 * The values that were read right before the writes must be those that were planned for. Nobody documents what a modify prints
 * or when it fails, so all of them are read back, together after the last one.
 */
async function* modifyOptions(
  host: DesiredCs7Host,
  writer: HostWriter,
  live: OptionsReading,
  changes: readonly Change[],
): AsyncIterable<Outcome> {
  const written: { readonly change: Change; readonly said: CommandResult }[] = [];
  try {
    for (const change of changes) {
      const found = knownValue(live, change.key);
      if (found === undefined || !sameValue(found, change.before, caseMatters(host, change))) {
        yield {
          change,
          state: 'conflict',
          detail: `${change.key} is ${found === undefined ? 'not known' : `"${found}"`} now`,
        };
        continue;
      }
      const said = await writer.run(davadmin(host, 'config', 'modify', '-o', change.key, '-v', textOf(change)));
      if (said.state === 'absent') throw unexpected(host.name, 'davadmin config modify', said);
      written.push({ change, said });
    }
    if (written.length === 0) return;
    const read = await readOptions(
      host,
      writer,
      written.map(({ change }) => change.key),
    );
    for (const { change, said } of written.splice(0)) yield { change, ...became(host, change, said, read) };
  } finally {
    for (const { change } of written) yield { change, state: 'unknown', detail: 'it was not read back' };
  }
}

function textOf({ after }: Change): string {
  return typeof after === 'string' ? after : (after ?? []).join(' ');
}

function caseMatters({ options }: DesiredCs7Host, { key }: Change): boolean {
  return options.find(option => option.name === key)?.caseMatters ?? true;
}

function became(
  host: DesiredCs7Host,
  change: Change,
  said: CommandResult,
  read: OptionsReading,
): Omit<Outcome, 'change'> {
  const value = knownValue(read, change.key);
  if (value !== undefined && sameValue(value, change.after, caseMatters(host, change))) return { state: 'done' };
  const found = value === undefined ? read.unclear.get(change.key.toLowerCase()) : `Reading back shows "${value}".`;
  const refused = textOf(change) === '' ? '\nPerhaps an option cannot be cleared this way: it is not documented.' : '';
  return { state: 'failed', detail: `davadmin config modify\n${cameBack(said)}\n${found}${refused}` };
}
