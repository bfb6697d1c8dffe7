import { diffWordsWithSpace } from 'diff';
import type { Change, Value } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import { bounds, shorten, unseen } from './elements.ts';
import { type Html, html, join, nothing, visible } from './html.ts';

/** What a change makes of a value: a list as words that come, go and stay; anything else as two lines with what differs marked. */
export function valueDiff({ before, after }: Pick<Change, 'before' | 'after'>): Html {
  if (isList(after) && (before === undefined || isList(before))) return listDiff(before ?? [], after);
  return html`<div class="diff">${twoLines(before, after)}</div>`;
}

/** The line of what many get or lose, where it is not the same for all of them. */
export function ownValues(action: 'given' | 'taken', text: string): Html {
  const line = action === 'given' ? addedLine : removedLine;
  return html`<div class="diff">${line(html`<i>${text}</i>`)}</div>`;
}

function isList(value: Value | undefined): value is readonly string[] {
  return Array.isArray(value);
}

/** A value as it is drawn, and how many characters of it are not. */
interface Shown {
  readonly text: string;
  readonly cut: number;
}

function shownValue(value: Value): Shown {
  const text = visible([value].flat().join(' '));
  return { text: text.slice(0, bounds.value), cut: Math.max(0, text.length - bounds.value) };
}

function twoLines(before: Value | undefined, after: Value | undefined): Html {
  const [had, has] = [before, after].map(value => (value === undefined ? undefined : shownValue(value)));
  if (!had) return has ? addedLine(whole(has), [...cutOff(has), 'was not set']) : nothing;
  if (!has) return removedLine(whole(had), [...cutOff(had), 'is taken away']);
  const parts = diffWordsWithSpace(had.text, has.text);
  const alike = parts.some(part => !part.added && !part.removed && /[^\s\p{P}]/u.test(part.value));
  const side = (own: 'added' | 'removed', other: 'added' | 'removed') =>
    parts.filter(part => !part[other]).map(part => (part[own] && alike ? html`<b>${part.value}</b>` : part.value));
  const further = had.text === has.text ? ['differs further on'] : [];
  const removed = had.text === '' ? whole(had) : html`${side('removed', 'added')}`;
  const added = has.text === '' ? whole(has) : html`${side('added', 'removed')}`;
  return html`${removedLine(removed, cutOff(had))}${addedLine(added, [...cutOff(has), ...further])}`;
}

function whole({ text }: Shown): Html {
  return text === '' ? html`<i>empty</i>` : html`${text}`;
}

function cutOff({ cut }: Shown): readonly string[] {
  return cut > 0 ? [`and ${count(cut, 'more character')}`] : [];
}

function removedLine(value: Html, notes: readonly string[] = []): Html {
  return html`<del><span class="sign" aria-hidden="true">−</span><span>${unseen('before: ')}<code>${value}</code>${aside(notes)}</span></del>`;
}

function addedLine(value: Html, notes: readonly string[] = []): Html {
  return html`<ins><span class="sign" aria-hidden="true">+</span><span>${unseen('after: ')}<code>${value}</code>${aside(notes)}</span></ins>`;
}

function aside(notes: readonly string[]): Html {
  return notes.length === 0 ? nothing : html` <span class="remark">${notes.join(', ')}</span>`;
}

/** How many words of a list are drawn. */
const mostWords = 60;

function listDiff(before: readonly string[], after: readonly string[]): Html {
  const [had, has] = [new Set(before), new Set(after)];
  const groups = [
    { words: after.filter(word => !had.has(word)), tag: 'ins', title: 'added' },
    { words: before.filter(word => !has.has(word)), tag: 'del', title: 'removed' },
    { words: before.filter(word => has.has(word)), tag: 'kept', title: 'kept' },
  ] as const;
  return html`<ul class="words">${groups
    .filter(({ words }) => words.length > 0)
    .map(({ words, tag, title }) => html`<li><span class="what">${title}</span> ${wordsOf(words, tag)}</li>`)}</ul>`;
}

function wordsOf(words: readonly string[], tag: 'ins' | 'del' | 'kept'): Html {
  const one = (word: string) => {
    const shown = html`<code>${shorten(word, bounds.name)}</code>`;
    return tag === 'ins' ? html`<ins>${shown}</ins>` : tag === 'del' ? html`<del>${shown}</del>` : shown;
  };
  const more = words.length - mostWords;
  return html`${join(words.slice(0, mostWords).map(one))}${more > 0 && html` and ${more} more`}`;
}
