import { printable } from '../../core/printable.ts';

const markup: unique symbol = Symbol('markup');

/** Markup that may stand in a page as it is. Only this file makes it, so that nothing from outside gets there unescaped. */
export interface Html {
  readonly [markup]: string;
}

/** What a template takes: text is escaped, markup is not, lists are joined, what is absent leaves nothing. */
export type Part = Html | string | number | false | undefined | readonly Part[];

/** Nothing. */
export const nothing: Html = { [markup]: '' };

/** A template of markup: every attribute in it is quoted, because text is escaped for between tags and within quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let all = strings[0] ?? '';
  parts.forEach((part, i) => {
    all += written(part) + (strings[i + 1] ?? '');
  });
  return { [markup]: all };
}

/** Parts with something between them. */
export function join(parts: readonly Part[], between: Part = ' '): Html {
  return { [markup]: parts.map(written).join(written(between)) };
}

/** A style sheet of our own as an element. It is not escaped: nothing from outside may be in it. */
export function styleElement(css: string): Html {
  return { [markup]: `<style>${css}</style>` };
}

/** The text of a whole page. */
export function markupOf(page: Html): string {
  return page[markup];
}

function written(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return part.toLocaleString('en-US');
  return markup in part ? part[markup] : part.map(written).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, char => entities[char] ?? '');
}

/**
 * What has no width, turns the direction round, or is half of a character: besides what `printable` shows, a page could hide text
 * with these.
 */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Surrogate}\ufff9-\ufffb]/gu;

/** Text with everything shown that a browser would not show; line ends are kept. */
export function visible(text: string): string {
  return printable(text).replace(unseen, char => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}
