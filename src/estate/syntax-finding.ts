import type { YAMLParseError } from 'yaml';
import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { SourceText } from './source-text.ts';

/** What the parser calls a problem, in words that say what to do. Its own messages quote the file, secrets included. */
const words: Readonly<Record<string, string>> = {
  BAD_COLLECTION_TYPE: 'A tag says that something else should stand here.\nRemove the tag.',
  BAD_DQ_ESCAPE:
    'A backslash in double quotes begins an escape, and this one means nothing.\nWrite \\\\ for a backslash, or use single quotes.',
  BAD_INDENT: 'This line is indented unlike the lines it belongs to.\nUse the same number of blanks for all of them.',
  BAD_SCALAR_START: 'A value cannot begin with this character.\nPut the value in quotes.',
  BLOCK_AS_IMPLICIT_KEY:
    'A second ": " in one line, or a map inside a value.\nPut the value in quotes, or move the inner key to a line of its own.',
  BLOCK_IN_FLOW: 'Indented lines cannot stand inside { } or [ ].\nWrite the inside with commas, or drop the brackets.',
  KEY_OVER_1024_CHARS: 'A key may have 1,024 characters at most.\nIs a quote or a colon missing?',
  MISSING_CHAR: 'Something is missing here: a colon and a blank after a key, a comma, or a closing quote or bracket.',
  MULTILINE_IMPLICIT_KEY: 'A key must stand in one line.\nIs a colon missing after it, or a quote?',
  UNEXPECTED_TOKEN:
    'This cannot stand here.\nIs a bracket or a quote missing before it, or does the value need quotes?',
};

/** A syntax problem with its place. */
export function syntaxFinding(error: YAMLParseError, source: SourceText): Finding {
  const where = source.position(error.pos[0]);
  const indent = /^ *\t\s*/.exec(source.line(where.line));
  if (indent && (error.code === 'TAB_AS_INDENT' || (where.column ?? 1) <= indent[0].length + 1))
    return tabFinding(source, where.line, indent[0].indexOf('\t'));
  return finding('estate.yaml-syntax', { detail: words[error.code] ?? 'This cannot stand here.', where });
}

function tabFinding(source: SourceText, line: number, column: number): Finding {
  return finding('estate.tab', {
    detail:
      'YAML counts blanks, and how wide a tab is depends on the editor, so it may not indent.\nReplace it by blanks; most editors can do so by themselves.',
    where: { file: source.file, line, column: column + 1 },
  });
}
