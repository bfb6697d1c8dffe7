import { Composer, type CST, Lexer, type ParsedNode, Parser, type YAMLParseError } from 'yaml';
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
function syntaxFinding(error: YAMLParseError, source: SourceText): Finding {
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

/** Levels of maps and lists; a person writes seven. Deeper text would overflow the stack of what comes next. */
const deepest = 64;

/** Words and signs. What comes next takes time and memory for each. */
const mostLexemes = 60_000;

/** One mistake can make the parser stumble over every line after it. */
const mostErrors = 20;

/** Text -> YAML nodes, within bounds of time and memory whatever the text is; no nodes where there is an error. */
export function parseYaml(source: SourceText): {
  readonly contents?: ParsedNode | null;
  readonly findings: readonly Finding[];
} {
  const { tokens, finding } = readTokens(source);
  if (finding) return { findings: [finding] };
  const composer = new Composer({ version: '1.2', uniqueKeys: false, logLevel: 'silent' });
  const [document] = composer.compose(tokens, true, source.text.length);
  const errors = document?.errors ?? [];
  if (errors.length > 0) return { findings: syntaxFindings(errors, source) };
  return { contents: document?.contents ?? null, findings: [] };
}

/** The concrete syntax of the one document. The parser is fed word by word, so that it stops where a bound is passed. */
function readTokens(source: SourceText): { readonly tokens: readonly CST.Token[]; readonly finding?: Finding } {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const counts = { lexemes: 0, documents: 0, errors: 0 };
  for (const lexeme of new Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) {
      const finding = unwanted(token, counts, source);
      if (finding) return { tokens, finding };
      tokens.push(token);
    }
    counts.lexemes += 1;
    if (counts.errors >= mostErrors) break;
    if (counts.lexemes > mostLexemes) return { tokens, finding: tooMany(source, parser.offset) };
    if (parser.stack.length > deepest) return { tokens, finding: tooDeep(source, parser.offset) };
  }
  for (const token of parser.end()) {
    const finding = unwanted(token, counts, source);
    if (finding) return { tokens, finding };
    tokens.push(token);
  }
  return { tokens };
}

/** Counts a finished token; the finding where no estate file may have it. */
function unwanted(
  token: CST.Token,
  counts: { documents: number; errors: number },
  source: SourceText,
): Finding | undefined {
  if (token.type === 'directive' && !/^%YAML 1\.2\s*$/.test(token.source)) return directive(source, token.offset);
  counts.documents += token.type === 'document' ? 1 : 0;
  counts.errors += token.type === 'error' ? 1 : 0;
  return counts.documents > 1 ? secondDocument(source, token.offset) : undefined;
}

/** The first of each line: what follows in the same line only echoes it. */
function syntaxFindings(errors: readonly YAMLParseError[], source: SourceText): readonly Finding[] {
  const lines = new Map<number, Finding>();
  for (const error of errors) {
    const finding = syntaxFinding(error, source);
    const line = finding.where?.line ?? 1;
    if (!lines.has(line)) lines.set(line, finding);
  }
  return [...lines.values()].slice(0, mostErrors);
}

function tooMany(source: SourceText, offset: number): Finding {
  return finding('estate.too-large', {
    detail: `It has more than ${mostLexemes.toLocaleString('en-US')} words and signs; up to here it was read.\nIs it another file? Long lists of accounts are better said as an LDAP filter.`,
    where: source.position(offset),
  });
}

function tooDeep(source: SourceText, offset: number): Finding {
  return finding('estate.too-deep', {
    detail: `More than ${deepest} levels; an estate has seven.\nIs a closing bracket missing, or is it another file?`,
    where: source.position(offset),
  });
}

function secondDocument(source: SourceText, offset: number): Finding {
  return finding('estate.several-documents', {
    detail:
      'A second one begins here, and only one of them could count.\nGive each a file of its own, and name both with -f.',
    where: source.position(offset),
  });
}

function directive(source: SourceText, offset: number): Finding {
  return finding('estate.directive', {
    detail:
      'A line that begins with "%" changes what the rest of the file means; this file is YAML 1.2 as it is.\nRemove the line.',
    where: source.position(offset),
  });
}
