import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/** A page of the documentation. */
export interface Page {
  /** Path from the top of the repository. */
  readonly path: string;
  readonly text: string;
  readonly html: string;
}

/** A piece of code between fences. */
export interface CodeBlock {
  readonly page: string;
  /** Line of the opening fence. */
  readonly line: number;
  /** What follows the opening fence: `sh`, `yaml`, `console` or `text`. */
  readonly language: string;
  readonly text: string;
}

/** The pages that are made of the schema and of the catalogue. */
export const generated: readonly string[] = ['docs/estate-file.md', 'docs/findings.md'];

/** Every page of the documentation. */
export const pages: readonly Page[] = [
  'README.md',
  'CHANGELOG.md',
  '.github/CONTRIBUTING.md',
  '.github/SECURITY.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => join('docs', file))
    .toSorted(),
].map(path => {
  const text = readFileSync(path, 'utf8');
  const html = micromark(text, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  return { path, text, html };
});

/** The pages that people write. */
export const written: readonly Page[] = pages.filter(({ path }) => !generated.includes(path));

/** The code blocks of a page. */
export function codeBlocks({ path, text }: Page): readonly CodeBlock[] {
  const fences = /^( *)```(.*)\n((?:.*\n)*?)\1```$/gm;
  return [...text.matchAll(fences)].map(({ index, 1: indent = '', 2: language = '', 3: content = '' }) => ({
    page: path,
    line: text.slice(0, index).split('\n').length,
    language,
    text: content.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** The pieces of code within the lines of a page. */
export function codeSpans({ html }: Page): readonly string[] {
  return [...html.matchAll(/<code>([^<]*)<\/code>/g)].map(([, code = '']) => plainText(code));
}

/** The text of HTML without its tags. */
export function plainText(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
