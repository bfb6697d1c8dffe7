import { printable } from '../../core/printable.ts';

/** Longest value that is shown whole. */
const longest = 400;

/** One printable line, cut in the middle when it is very long. */
export function oneLine(text: string, most = longest): string {
  return cutMiddle(printable(text).replaceAll('\n', '\\n'), most);
}

/** How many characters a text has, as a person counts them and GitHub does: a picture is one. */
export function countCharacters(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}

/** A text of at most so many characters, with how many are left out in its middle. */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text];
  if (characters.length <= most) return text;
  const half = Math.floor(most / 2);
  const left = characters.length - 2 * half;
  return `${characters.slice(0, half).join('')} … ${left.toLocaleString('en-US')} characters … ${characters.slice(-half).join('')}`;
}

/**
 * Text from outside within a line of Markdown. A code span is the one place where nothing means anything: no HTML, no link, no
 * name of a person or team, no number of an issue.
 */
export function codeSpan(text: string): string {
  const line = oneLine(text) || ' ';
  const ticks = '`'.repeat(longestRun(line) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** Words as they are, and as code where there is anything in them that could mean something. */
export function proseOrCode(text: string): string {
  return /^(?:[\p{L}\p{N} ,:;'()-]|\/(?!\/)|\.(?=\s|$))+$/u.test(text) ? text : codeSpan(text);
}

/**
 * Text from outside in a cell of a table. A bar ends a cell even in a code span, and a backslash before it does not always help:
 * so it is an element, and all that could mean something in it has its number.
 */
export function codeCell(text: string): string {
  return `<code>${oneLine(text).replace(/[!-/:-@[-`{-~]/g, char => `&#${char.charCodeAt(0)};`)}</code>`;
}

/** Text from outside within HTML, such as a summary. */
export function codeTag(text: string): string {
  const line = oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<code>${line}</code>`;
}

/** What opens and closes a block of code, whatever its lines have in them. */
export function fenceFor(
  lines: readonly string[],
  language: string,
): { readonly open: string; readonly close: string } {
  const ticks = '`'.repeat(Math.max(3, ...lines.map(line => longestRun(line) + 1)));
  return { open: `${ticks}${language}\n`, close: `${ticks}\n` };
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
