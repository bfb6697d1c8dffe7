import type { Finding } from '../core/finding.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { buildPart } from './build-part.ts';
import { findLiteralSecrets } from './literal-secrets.ts';
import type { MapPart, Part } from './node.ts';
import { parseYaml } from './parse-yaml.ts';
import { placeOf, type SourceText, type Span } from './source-text.ts';

/** A file as far as it could be read. */
export interface SourceTree {
  readonly source: SourceText;
  /** Its keys and values; absent where it is not sound enough to say anything about them. */
  readonly root?: MapPart;
  /** Everything that stands in it, whether or not it may be gone on with. */
  readonly part?: Part;
  /** Where secrets stand in it, and what they are. */
  readonly hidden: readonly Span[];
  readonly secrets: readonly string[];
  readonly findings: readonly Finding[];
}

/** The text of one file -> its keys and values, with everything in it that no estate file may have. */
export function readTree(source: SourceText): SourceTree {
  const { contents, findings } = parseYaml(source);
  const nothing = { source, hidden: [], secrets: [] };
  if (contents === undefined) return { ...nothing, findings };
  if (contents === null) return { ...nothing, findings: [empty(source)] };
  const { part, findings: unwanted } = buildPart(contents, source);
  const { spans, texts, findings: literal } = findLiteralSecrets(part);
  const read = { source, part, hidden: spans, secrets: texts };
  if (part.form === 'scalar' && part.span.start === part.span.end) return { ...nothing, findings: [empty(source)] };
  if (part.form !== 'map') return { ...read, findings: [...unwanted, ...literal, noMap(part)] };
  // What a merge key brings in is not known here: every key of it would be reported as missing.
  const open = unwanted.some(one => hasCode(one, 'estate.merge-key'));
  return { ...read, ...(!open && { root: part }), findings: [...unwanted, ...literal] };
}

/** Each of several files says for itself which version it is written in. */
export function versionFinding(root: MapPart): Finding | undefined {
  if (root.entries.has('version')) return undefined;
  return finding('estate.missing-key', { detail: 'the file needs "version".', where: placeOf(root.span) });
}

function empty(source: SourceText): Finding {
  return finding('estate.empty', {
    detail: 'It has no keys, only blanks or comments.\nBegin with a copy of examples/chapter.yaml.',
    where: source.position(0),
  });
}

function noMap(part: Part): Finding {
  const is = part.form === 'list' ? 'a list' : 'a single value';
  return finding('estate.wrong-type', {
    detail: `An estate file must be a map of keys and values, and this is ${is}.\nIs it another file?`,
    where: placeOf(part.span),
  });
}
