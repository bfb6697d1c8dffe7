import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Page, pages, plainText } from './pages.ts';

/** The names that a link can lead to on a page: those of its headings, as GitHub makes them, and its own. */
function anchorsOf({ html }: Page): ReadonlySet<string> {
  const anchors = new Set([...html.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id));
  for (const [, heading = ''] of html.matchAll(/<h[1-6]>(.*?)<\/h[1-6]>/g)) {
    const slug = slugOf(plainText(heading));
    let name = slug;
    for (let n = 1; anchors.has(name); n++) name = `${slug}-${n}`;
    anchors.add(name);
  }
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}

const anchors = new Map(pages.map(page => [page.path, anchorsOf(page)]));

function linksOf({ html }: Page): readonly string[] {
  return [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href = '']) => decodeURI(plainText(href)));
}

/** What is wrong with a link of a page; nothing where it leads somewhere. Other sites are not asked. */
function fault(page: string, link: string): string | undefined {
  if (/^https:\/\//.test(link)) return undefined;
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : join(dirname(page), file);
  if (!existsSync(target)) return `${link}: there is no ${target}`;
  if (anchor !== undefined && !anchors.get(target)?.has(anchor)) return `${link}: ${target} has no #${anchor}`;
  return undefined;
}

describe('links', () => {
  it.each(pages)('of $path lead somewhere', page => {
    expect(linksOf(page).flatMap(link => fault(page.path, link) ?? [])).toEqual([]);
  });

  it('that lead nowhere are found', () => {
    expect(fault('docs/undo.md', 'apply-safely.md#gates')).toBeUndefined();
    expect(fault('docs/undo.md', 'apply-safely.md#gate')).toMatch('has no #gate');
    expect(fault('docs/undo.md', 'none.md')).toMatch('there is no docs/none.md');
    expect(slugOf('A plan says what, the files say how: `x_1` & C#')).toBe('a-plan-says-what-the-files-say-how-x_1--c');
  });

  it('lead to every page', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) {
      const links = linksOf(pages.find(({ path }) => path === page) ?? { path: page, text: '', html: '' });
      for (const link of links) if (/\.md(#|$)/.test(link)) reached.add(join(dirname(page), link.replace(/#.*/, '')));
    }
    expect(pages.map(({ path }) => path).filter(path => !reached.has(path))).toEqual([]);
  });

  it('are listed by the index', () => {
    const index = linksOf(pages.find(({ path }) => path === 'docs/README.md') ?? { path: '', text: '', html: '' });
    const listed = index.map(link => join('docs', link));
    const own = pages.map(({ path }) => path).filter(path => /^docs\/[^/]+\.md$/.test(path));
    expect(own.filter(path => path !== 'docs/README.md' && !listed.includes(path))).toEqual([]);
  });
});
