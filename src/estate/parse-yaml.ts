import { Composer, type CST, Lexer, type ParsedNode, Parser, type YAMLParseError } from 'yaml';
import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { SourceText } from './source-text.ts';

/** What the parser calls a problem, in words that say what to do. Its own messages quote the file, secrets included. */
const words: Readonly<Record<string, string>> = {
  BAD_COLLECTION_TYPE: 'A tag asks for another value than the text.\nRemove the tag.',
  BAD_DQ_ESCAPE:
    'A backslash in double quotes starts an escape, and this escape is unknown.\nWrite \\\\ for a backslash, or use single quotes.',
  BAD_INDENT:
    'This line has another indentation than the lines that it belongs to.\nUse the same number of spaces for all of them.',
  BAD_SCALAR_START: 'A value cannot begin with this character.\nPut the value in quotes.',
  BLOCK_AS_IMPLICIT_KEY:
    'The line has a second ": ", or a map inside a value.\nPut the value in quotes, or move the inner key to its own line.',
  BLOCK_IN_FLOW:
    'Indented lines are not allowed inside { } or [ ].\nWrite the content with commas, or remove the brackets.',
  KEY_OVER_1024_CHARS: 'A key can have at most 1,024 characters.\nIs a quote or a colon missing?',
  MISSING_CHAR: 'Something is missing here: a colon and a blank after a key, a comma, or a closing quote or bracket.',
  MULTILINE_IMPLICIT_KEY: 'A key must be on one line.\nIs a colon or a quote missing?',
  UNEXPECTED_TOKEN:
    'This is not allowed here.\nIs a bracket or a quote missing before it, or does the value need quotes?',
};

/** A syntax problem with its place. */
function syntaxFinding(error: YAMLParseError, source: SourceText): Finding {
  const where = source.position(error.pos[0]);
  const indent = /^ *\t\s*/.exec(source.line(where.line));
  if (indent && (error.code === 'TAB_AS_INDENT' || (where.column ?? 1) <= indent[0].length + 1))
    return tabFinding(source, where.line, indent[0].indexOf('\t'));
  return finding('estate.yaml-syntax', { detail: words[error.code] ?? 'This is not allowed here.', where });
}

function tabFinding(source: SourceText, line: number, column: number): Finding {
  return finding('estate.tab', {
    detail:
      'YAML counts spaces, and the width of a tab depends on the editor. So tabs are not allowed for indentation.\nReplace it with spaces. Most editors can do so automatically.',
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
    detail: `It has more than ${mostLexemes.toLocaleString('en-US')} words and signs; it was read up to here.\nIs it another file? For long lists of accounts, use an LDAP filter.`,
    where: source.position(offset),
  });
}

function tooDeep(source: SourceText, offset: number): Finding {
  return finding('estate.too-deep', {
    detail: `It has more than ${deepest} levels; an estate has seven.\nIs a closing bracket missing, or is it another file?`,
    where: source.position(offset),
  });
}

function secondDocument(source: SourceText, offset: number): Finding {
  return finding('estate.several-documents', {
    detail:
      'A second document begins here, and only one of them could count.\nPut each in its own file, and name both with -f.',
    where: source.position(offset),
  });
}

function directive(source: SourceText, offset: number): Finding {
  return finding('estate.directive', {
    detail:
      'A line that begins with "%" changes the meaning of the rest of the file. An estate file is always YAML 1.2.\nRemove the line.',
    where: source.position(offset),
  });
}
