/** A sentence, with the line of the text that it begins in; a piece of code in it is the one word `Code`. */
export interface Sentence {
  readonly text: string;
  readonly words: number;
  readonly line: number;
}

/** A turn of phrase that readers have to decipher, where it was found. */
export interface BannedTurn {
  readonly turn: string;
  readonly line: number;
  readonly sentence: string;
}

/** How a text reads. */
export interface Readability {
  readonly sentences: readonly Sentence[];
  /** Words in a sentence; 0 where there is none. */
  readonly mean: number;
  /** The part of the sentences with more than 30 words, from 0 to 1. */
  readonly longShare: number;
  readonly banned: readonly BannedTurn[];
}

/** What a text must keep to. */
export interface Limits {
  readonly mean: number;
  readonly longShare: number;
}

/** The limits of everything that is written for users. */
export const plainEnglish: Limits = { mean: 17, longShare: 0.05 };

/** A sentence with more words than this is long. */
const longest = 30;

const auxiliary = '(?:does|do|did|is|are|was|were|has|have|had)';

/** Turns that have a plainer word. The patterns leave the innocent uses of the same words alone. */
const turns: readonly RegExp[] = [
  /\btold\b/i,
  /\btells? of\b/i,
  /\b(?:whoever|whichever|whatsoever)\b/i,
  /\b(?:somebody|nobody|anybody)\b/i,
  /\bwhat (?:came|comes|stands)\b/i,
  /\b(?:stands?|stood|standing) in\b(?! the way)/i,
  /\bmend(?:s|ed|ing)?\b/i,
  /\bgives\b(?! (?:up|way)\b)/i,
  /\b(?:is|are|was|were)(?: not| still| already| no longer)? there\b/,
  /\b(?:likewise|thereby|hereby|therein|thereof|thereupon|wherein|whereof|whence|hence|forthwith|hitherto|lest|albeit)\b/i,
  /\bof (?:which|whom)\b/i,
  /\b(?:by|of|to|for) (?:nothing|none) else\b/i,
  new RegExp(`\\b(?:and|as|but|or|if|where|when|just) so ${auxiliary}\\b`, 'i'),
  new RegExp(`(?:^|[,;:] )so ${auxiliary} (?!not\\b)`, 'i'),
  new RegExp(`\\b(?:and|but) neither ${auxiliary}\\b`, 'i'),
  /\b(?:is|are|was|were) to (?:be|get|move|have)\b/,
  /\b(?:does|do) not do\b[.;,]/i,
  /\bbesides\b/i,
  /\bparted by\b/i,
  /\bat hand\b/i,
  /\bone's\b/i,
  /\bsuch (?:a one|as are|as is)\b/i,
  /\bmade anew\b/i,
  /\bnothing of\b/i,
  /\b(?:please|simply)\b/i,
];

/** Measures Markdown or plain text. Code, headings, rulers of tables and labels of up to three words do not count. */
export function readability(text: string): Readability {
  const sentences = blocksOf(text).flatMap(sentencesOf);
  const total = sentences.reduce((sum, { words }) => sum + words, 0);
  const share = (part: number) => (sentences.length === 0 ? 0 : part / sentences.length);
  return {
    sentences,
    mean: share(total),
    longShare: share(sentences.filter(({ words }) => words > longest).length),
    banned: blocksOf(text).flatMap(bannedIn),
  };
}

/** What is wrong with a text, a line each; empty for a text that keeps to the limits. */
export function readingFaults(text: string, limits: Limits = plainEnglish): readonly string[] {
  const { sentences, mean, longShare, banned } = readability(text);
  const tooLong = longShare > limits.longShare;
  return [
    ...(mean > limits.mean ? [`a sentence has ${mean.toFixed(1)} words on average, more than ${limits.mean}`] : []),
    ...(tooLong ? [`${percent(longShare)} of the sentences are long, more than ${percent(limits.longShare)}`] : []),
    ...(tooLong ? sentences.filter(({ words }) => words > longest).map(longFault) : []),
    ...banned.map(({ turn, line, sentence }) => `line ${line}: "${turn}" in: ${sentence}`),
  ];
}

function longFault({ words, line, text }: Sentence): string {
  return `line ${line}: ${words} words: ${text}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Text that belongs together: a paragraph, an entry of a list, a cell of a table, a heading. */
interface Block {
  readonly text: string;
  readonly line: number;
  readonly isHeading: boolean;
}

/** Lines that end a block; what follows the mark belongs to the next. */
const marks = {
  fence: /^\s*(?:```|~~~)/,
  heading: /^#{1,6} /,
  entry: /^\s*(?:[-*+]|\d+[.)]) +/,
  ruler: /^[\s|:-]+$/,
  linkTarget: /^\s*\[[^\]]+\]: /,
  row: /^\s*\|/,
};

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let begin = 1;
  let isFenced = false;
  let isList = false;
  const close = () => {
    if (lines.length > 0) blocks.push({ text: cleaned(lines.join('\n')), line: begin, isHeading: false });
    lines = [];
  };
  for (const [index, row] of withoutComments(text).split('\n').entries()) {
    const line = index + 1;
    if (marks.fence.test(row)) {
      close();
      isFenced = !isFenced;
    } else if (isFenced || (/^ {4}/.test(row) && !isList)) {
      close();
    } else if (row.trim() === '' || marks.ruler.test(row) || marks.linkTarget.test(row)) {
      close();
    } else if (marks.heading.test(row)) {
      close();
      isList = false;
      blocks.push({ text: cleaned(row.replace(marks.heading, '')), line, isHeading: true });
    } else if (marks.row.test(row)) {
      close();
      for (const cell of cleaned(row).split(/(?<!\\)\|/)) blocks.push({ text: cell.trim(), line, isHeading: false });
    } else {
      const isEntry = marks.entry.test(row);
      if (isEntry) close();
      isList = isEntry || (isList && /^\s/.test(row));
      if (lines.length === 0) begin = line;
      lines.push(row.replace(marks.entry, '').trim());
    }
  }
  close();
  return blocks;
}

function withoutComments(text: string): string {
  return text.replace(/<!--[\s\S]*?-->/g, newlines);
}

/** Code and addresses become one word, links their text; the ends of lines stay where they are. */
function cleaned(text: string): string {
  return text
    .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, code => `Code${newlines(code)}`)
    .replace(/!\[[^\]]*\]\([^)]*\)/g, newlines)
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/<?\bhttps?:\/\/[^\s>)]+>?/g, 'Code')
    .replace(/<\/?[a-z][^>]*>/gi, newlines)
    .replace(/\*\*|__|(?<![\w*])[*_](?=\S)|(?<=\S)[*_](?![\w*])/g, '');
}

function newlines(text: string): string {
  return text.replace(/[^\n]/g, '');
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Sentences by the rules of Unicode, a block being one line to them; the name of the command may begin one. */
function segmentsOf({ text, line }: Block): readonly Sentence[] {
  const oneLine = text.replaceAll('\n', ' ').replace(/(?<=[.!?] )reconcile\b/g, 'Reconcile');
  return [...segmenter.segment(oneLine)].map(({ segment, index }) => ({
    text: segment.trim(),
    words: segment.split(/\s+/).filter(word => /[\p{L}\p{N}]/u.test(word)).length,
    line: line + newlines(text.slice(0, index)).length,
  }));
}

function sentencesOf(block: Block): readonly Sentence[] {
  if (block.isHeading) return [];
  return segmentsOf(block).filter(({ text, words }) => words > 3 || (words > 0 && /[.!?:]$/.test(text)));
}

function bannedIn(block: Block): readonly BannedTurn[] {
  return segmentsOf(block).flatMap(({ text, line }) =>
    turns.flatMap(pattern => {
      const found = pattern.exec(text)?.[0];
      return found === undefined ? [] : [{ turn: found.trim(), line, sentence: text }];
    }),
  );
}
