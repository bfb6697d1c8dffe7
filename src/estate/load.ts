import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { CohortWave } from '../core/site.ts';
import { finding } from '../findings/catalogue.ts';
import { decode } from './decode.ts';
import { derive } from './derive.ts';
import { wavesOf } from './derive-cohorts.ts';
import { type EstateDocument, type LoadOptions, makeDocument } from './document.ts';
import { asksForEnvironment, type Environment, replaceEnvironment, variablesOf } from './env-values.ts';
import { readListedMembers } from './listed-members.ts';
import { type Entry, lineOf, type MapNode, type ValueNode } from './node.ts';
import { readTree, versionFinding } from './read-tree.ts';
import { checkRules } from './rules.ts';
import { checkSchema, partsWithEnvironment } from './schema-check.ts';
import { type ShownFile, showFindings } from './show-findings.ts';
import { placeOf, type Span } from './source-text.ts';

/** Keys of the estate file that say how targets are reached; `*` stands for any name. */
interface Keys {
  readonly [key: string]: true | Keys;
}

const host = { address: true, port: true, http: true, ssh: true, restart: true } as const;

const keys: Keys = {
  version: true,
  directory: { url: true, startTls: true, tls: true, bindDn: true, password: true },
  ssh: true,
  cs6: {
    ...{ platform: true, ssh: true, restart: true, hotBackup: true },
    hosts: { '*': { ...host, platform: true, config: true, sbin: true, hotBackup: true } },
  },
  cs7: {
    ...{ ssh: true, restart: true, home: true, davadmin: true, container: true },
    hosts: { '*': { ...host, home: true, davadmin: true, container: true } },
  },
};

/** An estate file without what it asks for: only how its targets are reached. */
function onlyConnections(root: MapNode, known: Keys = keys): MapNode {
  const entries = [...root.entries].flatMap(([name, entry]) => {
    const below = known[name] ?? known['*'];
    if (below === undefined) return [];
    const { part } = entry;
    const kept = below === true || part.form !== 'map' ? part : onlyConnections(part, below);
    return [[name, { ...entry, part: kept }] as const];
  });
  return { ...root, entries: new Map(entries) };
}

/**
 * The text of what an estate file needs besides its connections, so that it can be read and checked as one. It asks for
 * nothing that anybody uses: what is wanted comes from a plan.
 */
function neutralWishes(roots: readonly MapNode[]): string {
  const firstHost = (side: string): string => {
    const hosts = roots.flatMap(root => namesBelow(root, [side, 'hosts']));
    return JSON.stringify(hosts[0] ?? 'none');
  };
  return [
    'version: 1',
    'name: connections',
    'directory: { base: "o=connections" }',
    'cs7: { backends: [none] }',
    `domains: { connections.invalid: { cs6: ${firstHost('cs6')} } }`,
    `freeBusyRedirect: ${firstHost('cs7')}`,
    'cohorts: { all: { server: cs6, members: rest } }',
    '',
  ].join('\n');
}

function namesBelow(root: MapNode, path: readonly string[]): readonly string[] {
  const [key, ...rest] = path;
  if (key === undefined) return [...root.entries.keys()];
  const part = root.entries.get(key)?.part;
  return part?.form === 'map' ? namesBelow(part, rest) : [];
}

/** Several files as one: maps are merged by key, and everything else may be said again but not otherwise. */
function mergeParts(parts: readonly MapNode[]): {
  readonly part?: MapNode;
  readonly findings: readonly Finding[];
} {
  const findings: Finding[] = [];
  const [first, ...others] = parts;
  if (!first) return { findings };
  const part = others.reduce((merged, next) => mergeMaps(merged, next, [], findings), first);
  return { part, findings };
}

function mergeMaps(before: MapNode, after: MapNode, path: readonly string[], findings: Finding[]): MapNode {
  const entries = new Map<string, Entry>(before.entries);
  for (const [key, entry] of after.entries) {
    const there = entries.get(key);
    entries.set(key, there ? mergeEntries(there, entry, [...path, key], findings) : entry);
  }
  return { ...before, entries };
}

/** The first place stays the place of both; where they differ the first one is kept, so that checks can go on. */
function mergeEntries(before: Entry, after: Entry, path: readonly string[], findings: Finding[]): Entry {
  if (before.part.form === 'map' && after.part.form === 'map')
    return { ...before, part: mergeMaps(before.part, after.part, path, findings) };
  if (!same(before.part, after.part)) findings.push(conflict(before, after.key, path));
  return before;
}

function same(a: ValueNode, b: ValueNode): boolean {
  if (a.form === 'scalar' && b.form === 'scalar') return a.value === b.value;
  if (a.form === 'list' && b.form === 'list')
    return a.items.length === b.items.length && a.items.every((item, i) => b.items[i] && same(item, b.items[i]));
  if (a.form !== 'map' || b.form !== 'map' || a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([key, { part }]) => {
    const other = b.entries.get(key);
    return other !== undefined && same(part, other.part);
  });
}

function conflict(before: Entry, place: Span, path: readonly string[]): Finding {
  const what = before.part.form === 'list' ? ' Lists are not merged: each must be complete in one file.' : '';
  return finding('estate.conflict', {
    detail: `${path.join('.')} has another value at ${lineOf(before.key)}, and choosing one would be a guess.${what}\nSet it in only one of the two files.`,
    where: placeOf(place),
  });
}

/** A file as it was read. */
export interface EstateSource {
  readonly file: string;
  readonly content: Uint8Array | string;
}

/** What became of the files: the wanted state with the warnings about it, or every problem they have. */
export interface LoadedEstate {
  readonly state?: DesiredState;
  /** What the state was derived from, with the place of each key. */
  readonly document?: EstateDocument;
  /** The waves of its cohorts that begin on a day, past ones among them. */
  readonly waves?: readonly CohortWave[];
  /** The name of the estate, where it can be made out; also where something else is wrong. */
  readonly name?: string;
  /** The environment variables that its texts ask for. */
  readonly variables?: readonly string[];
  readonly findings: readonly Finding[];
}

/** One estate file -> desired state. Pure: opens no connection, and no file but through `readFile`. */
export function loadEstate(
  file: string,
  content: EstateSource['content'],
  schema: object,
  environment: Environment = {},
  options: LoadOptions = {},
): LoadedEstate {
  return loadEstates([{ file, content }], schema, { environment, ...options });
}

/** Several files as one: maps are merged by key, and what one file says no other may contradict. */
export function loadEstates(sources: readonly EstateSource[], schema: object, options: LoadOptions = {}): LoadedEstate {
  const { files, roots } = readSources(sources, options);
  const whole = roots.length >= files.length;
  const checked: CheckedFiles = whole ? checkAll(roots, schema, options) : { findings: [], memberFiles: [] };
  const shown = [...files, ...checked.memberFiles.map(file => ({ file, hidden: [], secrets: [] }))];
  const findings = showFindings([...files.flatMap(file => file.findings), ...checked.findings], shown);
  const wrong = findings.some(finding => finding.severity === 'error');
  const name = nameIn(roots) ?? nameLineIn(files);
  const variables = [...new Set(roots.flatMap(variablesOf))];
  const known = { ...(name !== undefined && { name }), variables, findings };
  return { ...(checked.derived && !wrong && checked.derived()), ...known };
}

/** Where only connections count, the rest of the estate is made up, as a file of its own. */
function readSources(
  sources: readonly EstateSource[],
  { connectionsOnly }: LoadOptions,
): { readonly files: readonly ReadFile[]; readonly roots: readonly MapNode[] } {
  const files = sources.map(readSource);
  const roots = files.flatMap(({ root }) => root ?? []);
  if (!connectionsOnly || roots.length < files.length) return { files, roots };
  const { root: rest } = readSource({ file: 'connections', content: neutralWishes(roots) });
  return { files, roots: [...roots.map(root => onlyConnections(root)), ...(rest ? [rest] : [])] };
}

function nameIn(roots: readonly MapNode[]): string | undefined {
  const [name] = roots.flatMap(({ entries }) => entries.get('name')?.part ?? []);
  return name?.form === 'scalar' && typeof name.value === 'string' ? name.value : undefined;
}

/** Where the YAML of a file is broken, its name is still told where it is plain. */
function nameLineIn(files: readonly ReadFile[]): string | undefined {
  const [name] = files.flatMap(
    ({ source }) => /^name:[ \t]+"?([\w.-]+)"?[ \t]*(?:#.*)?\r?$/m.exec(source?.text ?? '')?.[1] ?? [],
  );
  return name;
}

interface ReadFile extends ShownFile {
  readonly root?: MapNode;
  readonly findings: readonly Finding[];
}

function readSource({ file, content }: EstateSource): ReadFile {
  const { source, shown, findings } = decode(file, content);
  if (!source) return { file, source: shown, hidden: [], secrets: [], findings };
  return { file, ...readTree(source) };
}

interface CheckedFiles {
  readonly derived?: () => Required<Pick<LoadedEstate, 'state' | 'document' | 'waves'>>;
  readonly findings: readonly Finding[];
  /** Findings may point into these too. */
  readonly memberFiles: readonly string[];
}

/** Schema and rules over the files together; the state is derived once nothing is wrong with them. */
function checkAll(
  roots: readonly MapNode[],
  schema: object,
  { environment = {}, variables, day, readFile }: LoadOptions,
): CheckedFiles {
  const versions = roots.length > 1 ? roots.flatMap(root => versionFinding(root) ?? []) : [];
  const { part: merged, findings: conflicts } = mergeParts(roots);
  if (!merged) return { findings: [], memberFiles: [] };
  const filled = fillIn(merged, schema, environment, variables);
  const document = makeDocument(filled.part);
  const { estate, findings } = checkSchema(document, schema);
  const said = [...versions, ...conflicts, ...filled.findings, ...findings];
  if (!estate) return { findings: said, memberFiles: [] };
  const listed = readListedMembers(estate, document, readFile);
  return {
    derived: () => ({ state: derive(estate, document, { day, listed }), document, waves: wavesOf(estate) }),
    findings: [...said, ...checkRules(estate, document), ...listed.findings],
    memberFiles: listed.files,
  };
}

function fillIn(
  root: MapNode,
  schema: object,
  environment: Environment,
  variables: LoadOptions['variables'],
): ReturnType<typeof replaceEnvironment> {
  if (!asksForEnvironment(root)) return { part: root, findings: [] };
  return replaceEnvironment(root, partsWithEnvironment(makeDocument(root), schema), environment, variables);
}
