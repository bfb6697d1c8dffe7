import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { decode } from './decode.ts';
import { derive } from './derive.ts';
import { type EstateDocument, makeDocument } from './document.ts';
import { asksForEnvironment, type Environment, replaceEnvironment, variablesOf } from './env-values.ts';
import { readListedMembers } from './listed-members.ts';
import type { LoadOptions } from './load-options.ts';
import { mergeParts } from './merge-parts.ts';
import type { MapPart } from './node.ts';
import { neutralWishes, onlyConnections } from './only-connections.ts';
import { readTree, versionFinding } from './read-tree.ts';
import { checkRules } from './rules.ts';
import { checkSchema, partsWithEnvironment } from './schema-check.ts';
import { type ShownFile, showFindings } from './show-findings.ts';

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
  const name = nameIn(roots);
  const variables = [...new Set(roots.flatMap(variablesOf))];
  const known = { ...(name !== undefined && { name }), variables, findings };
  return { ...(checked.derived && !wrong && checked.derived()), ...known };
}

/** Where only connections count, the rest of the estate is made up, as a file of its own. */
function readSources(
  sources: readonly EstateSource[],
  { connectionsOnly }: LoadOptions,
): { readonly files: readonly ReadFile[]; readonly roots: readonly MapPart[] } {
  const files = sources.map(readSource);
  const roots = files.flatMap(({ root }) => root ?? []);
  if (!connectionsOnly || roots.length < files.length) return { files, roots };
  const { root: rest } = readSource({ file: 'connections', content: neutralWishes(roots) });
  return { files, roots: [...roots.map(root => onlyConnections(root)), ...(rest ? [rest] : [])] };
}

function nameIn(roots: readonly MapPart[]): string | undefined {
  const [name] = roots.flatMap(({ entries }) => entries.get('name')?.part ?? []);
  return name?.form === 'scalar' && typeof name.value === 'string' ? name.value : undefined;
}

interface ReadFile extends ShownFile {
  readonly root?: MapPart;
  readonly findings: readonly Finding[];
}

function readSource({ file, content }: EstateSource): ReadFile {
  const { source, shown, findings } = decode(file, content);
  if (!source) return { file, source: shown, hidden: [], secrets: [], findings };
  return { file, ...readTree(source) };
}

interface CheckedFiles {
  readonly derived?: () => { readonly state: DesiredState; readonly document: EstateDocument };
  readonly findings: readonly Finding[];
  /** Findings may point into these too. */
  readonly memberFiles: readonly string[];
}

/** Schema and rules over the files together; the state is derived once nothing is wrong with them. */
function checkAll(
  roots: readonly MapPart[],
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
    derived: () => ({ state: derive(estate, document, { day, listed }), document }),
    findings: [...said, ...checkRules(estate, document), ...listed.findings],
    memberFiles: listed.files,
  };
}

function fillIn(
  root: MapPart,
  schema: object,
  environment: Environment,
  variables: LoadOptions['variables'],
): ReturnType<typeof replaceEnvironment> {
  if (!asksForEnvironment(root)) return { part: root, findings: [] };
  return replaceEnvironment(root, partsWithEnvironment(makeDocument(root), schema), environment, variables);
}
