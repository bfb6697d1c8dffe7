import { createHash } from 'node:crypto';
import type { Tone } from '../view/verdict.ts';
import { bounds, icon, shorten } from './elements.ts';
import { type Html, html, join, markupOf, nothing, type Part, styleElement } from './html.ts';
import { light } from './palette.ts';
import { stylesheet } from './stylesheet.ts';

/** What the page has to say, in a word and in a sentence. */
export interface Verdict {
  readonly tone: Tone;
  readonly word: string;
  readonly sentence: string;
}

/** A number in the head of the page. */
export interface Figure {
  readonly label: string;
  readonly value: Part;
  /** What it is to be seen against: a limit, a whole. */
  readonly beside?: Part;
  readonly tone?: Tone;
}

/** A part of the page with a heading of its own, which the table of contents names. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** How many there are in it: the same words stand in the table of contents and beside the heading. */
  readonly count?: string | number;
  readonly body: Html;
}

/** A page of several that belong together. */
export interface PageLink {
  readonly title: string;
  readonly href: string;
}

/** All that a page is made of. */
export interface PageContent {
  /** The pages that it belongs to; `current` is what this one is called among them. */
  readonly site?: { readonly pages: readonly PageLink[]; readonly current: string };
  /** The command, as it was called. */
  readonly command: string;
  /** What it is about: the estate, or the files. */
  readonly subject: string;
  readonly verdict: Verdict;
  /** When and from what, a line of short facts. */
  readonly facts: readonly Part[];
  readonly figures: readonly Figure[];
  readonly sections: readonly Section[];
  readonly foot: readonly Part[];
}

/** A whole page in one file: it has no script, and its policy forbids to load anything from anywhere. */
export function renderPage(content: PageContent): string {
  const { verdict } = content;
  const command = shorten(content.command, bounds.name);
  const subject = shorten(content.subject, bounds.name);
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${verdict.word}: reconcile ${command}, ${subject}</title>
<link rel="icon" href="${favicon(verdict.tone)}">
${styleElement(stylesheet)}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${banner({ ...content, command, subject })}
<main id="main" tabindex="-1">
${content.sections.map(sectionElement)}
</main>
<footer><p>${join(content.foot, html`<span class="dot" aria-hidden="true"> · </span>`)}</p></footer>
</body>
</html>
`;
  return markupOf(page);
}

const styleHash = createHash('sha256').update(stylesheet).digest('base64');

/** Seen in the tab of the browser: the same in both schemes. */
function favicon(tone: Tone): string {
  const colour = light[tone === 'unsure' ? 'quiet' : tone];
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}

function banner({ command, subject, verdict, facts, figures, sections, site }: PageContent): Html {
  return html`<header>
${site && siteLinks(site)}
<p class="command"><b>reconcile</b> ${command}</p>
<h1>${subject}</h1>
<p class="verdict ${verdict.tone}"><strong>${icon(verdict.tone)} ${verdict.word}</strong> <span>${verdict.sentence}</span></p>
<ul class="facts">${facts.map(fact => html`<li>${fact}</li>`)}</ul>
${figures.length > 0 && html`<dl class="figures">${figures.map(figureElement)}</dl>`}
${sections.length > 1 ? contents(sections) : nothing}
</header>`;
}

function figureElement({ label, value, beside, tone }: Figure): Html {
  return html`<div class="figure ${tone ?? ''}"><dt>${label}</dt><dd><b>${value}</b>${beside !== undefined && html` <span>${beside}</span>`}</dd></div>`;
}

function siteLinks({ pages, current }: NonNullable<PageContent['site']>): Html {
  const entry = ({ title, href }: PageLink) => {
    const here = title === current ? html` aria-current="page"` : nothing;
    return html`<li><a href="${href}"${here}>${title}</a></li>`;
  };
  return html`<nav class="site" aria-label="Pages of this estate"><ul>${pages.map(entry)}</ul></nav>`;
}

function contents(sections: readonly Section[]): Html {
  const entry = (section: Section) => html`<li><a href="#${section.id}">${counted(section)}</a></li>`;
  return html`<nav aria-label="On this page"><ul>${sections.map(entry)}</ul></nav>`;
}

function counted({ title, count }: Section): Html {
  return html`${title}${count !== undefined && html` <span class="count">${count}</span>`}`;
}

function sectionElement(section: Section): Html {
  const { id, body } = section;
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${counted(section)}</h2>
${body}
</section>
`;
}
