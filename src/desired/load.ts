import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { decode } from './decode.ts';
import { derive } from './derive.ts';
import { makeDocument } from './document.ts';
import { asksForEnvironment, type Environment, replaceEnvironment } from './env-values.ts';
import { mergeParts } from './merge-parts.ts';
import type { MapPart } from './part.ts';
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
  readonly findings: readonly Finding[];
}

/** One estate file -> desired state. Pure: opens no file and no connection. */
export function loadEstate(
  file: string,
  content: EstateSource['content'],
  schema: object,
  environment: Environment = {},
): LoadedEstate {
  return loadEstates([{ file, content }], schema, environment);
}

/** Several files as one: maps are merged by key, and what one file says no other may contradict. */
export function loadEstates(
  sources: readonly EstateSource[],
  schema: object,
  environment: Environment = {},
): LoadedEstate {
  const files = sources.map(readSource);
  const roots = files.flatMap(({ root }) => root ?? []);
  const whole = roots.length === files.length;
  const checked = whole ? checkAll(roots, schema, environment) : { findings: [] };
  const findings = showFindings([...files.flatMap(file => file.findings), ...checked.findings], files);
  const wrong = findings.some(finding => finding.severity === 'error');
  return { ...(checked.state && !wrong && { state: checked.state() }), findings };
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

/** Schema and rules over the files together; the state is derived once nothing is wrong with them. */
function checkAll(
  roots: readonly MapPart[],
  schema: object,
  environment: Environment,
): { readonly state?: () => DesiredState; readonly findings: readonly Finding[] } {
  const versions = roots.length > 1 ? roots.flatMap(root => versionFinding(root) ?? []) : [];
  const { part: merged, findings: conflicts } = mergeParts(roots);
  if (!merged) return { findings: [] };
  const filled = fillIn(merged, schema, environment);
  const document = makeDocument(filled.part);
  const { estate, findings } = checkSchema(document, schema);
  const broken = estate ? checkRules(estate, document) : [];
  return {
    ...(estate && { state: () => derive(estate, document) }),
    findings: [...versions, ...conflicts, ...filled.findings, ...findings, ...broken],
  };
}

function fillIn(root: MapPart, schema: object, environment: Environment): ReturnType<typeof replaceEnvironment> {
  if (!asksForEnvironment(root)) return { part: root, findings: [] };
  return replaceEnvironment(root, partsWithEnvironment(makeDocument(root), schema), environment);
}
