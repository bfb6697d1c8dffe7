import { isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { Finding, SourcePosition } from '../core/finding.ts';

/** A path of keys and indexes from the root of a document. */
export type DocumentPath = readonly (string | number)[];

/** A YAML file as plain data that still knows where each part stands. */
export interface EstateDocument {
  readonly file: string;
  readonly value: unknown;
  /** Where the value at `path` stands, or the nearest part around it that is there. */
  at(path: DocumentPath): SourcePosition;
  /** Where the key that ends `path` stands. */
  atKey(path: DocumentPath): SourcePosition;
}

/** Reads YAML text; every syntax error is a finding with its place. */
export function parseEstateDocument(
  file: string,
  text: string,
): { readonly document?: EstateDocument; readonly findings: readonly Finding[] } {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const position = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  if (yaml.errors.length > 0)
    return { findings: yaml.errors.map(e => syntaxFinding(e.code, e.message, position(e.pos[0]))) };

  const node = (path: DocumentPath): Node | undefined => {
    const found = path.length === 0 ? yaml.contents : yaml.getIn(path, true);
    return isNode(found) ? found : undefined;
  };
  const at = (path: DocumentPath): SourcePosition => {
    const found = node(path);
    if (found?.range) return position(found.range[0]);
    return path.length === 0 ? position(0) : at(path.slice(0, -1));
  };
  const atKey = (path: DocumentPath): SourcePosition => {
    const parent = node(path.slice(0, -1));
    if (isMap(parent)) {
      const pair = parent.items.find(p => isScalar(p.key) && p.key.value === path.at(-1));
      if (pair && isScalar(pair.key) && pair.key.range) return position(pair.key.range[0]);
    }
    return at(path);
  };
  return { document: { file, value: yaml.toJS({ maxAliasCount: 100 }), at, atKey }, findings: [] };
}

function syntaxFinding(code: string, message: string, where: SourcePosition): Finding {
  if (code === 'DUPLICATE_KEY') {
    return {
      severity: 'error',
      code: 'estate.duplicate-key',
      summary: 'The same key stands twice',
      detail: 'Only one of the two could count, and which one would be a guess.\nRemove one, or give it its own name.',
      where,
    };
  }
  return {
    severity: 'error',
    code: 'estate.yaml-syntax',
    summary: 'The file is not valid YAML',
    detail: `${message}.`,
    where,
  };
}
