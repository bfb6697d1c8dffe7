import { count } from '../../core/units.ts';
import type { LikelyCause, VerifiedCell, VerifiedHop, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { type Tone, verifyVerdict } from '../view/verdict.ts';
import {
  checksText,
  type Direction,
  type FoldedLookUps,
  foldLookUps,
  type MatrixBox,
  otherFindings,
  type StateNumbers,
  type VerifiedState,
  verifyMatrix,
  verifyNumbers,
} from '../view/verify-view.ts';
import { unnamed } from '../view/without-names.ts';
import {
  bounded,
  bounds,
  type Column,
  columnTable,
  icon,
  moment,
  name,
  names,
  place,
  provenanceFacts,
  shorten,
} from './elements.ts';
import { findingSections } from './finding-section.ts';
import { type Html, html, nothing, type Part } from './html.ts';
import type { Figure, PageContent, Section, Verdict } from './page.ts';

/** The page of a verification. */
export function verifyPage(report: VerifyReport): PageContent {
  return {
    command: 'verify',
    subject: report.estate,
    verdict: verifyVerdictWords(report),
    facts: [
      ...provenanceFacts(report),
      html`asked ${moment(report.askedAt)}`,
      count(report.probes.length, 'probe account'),
      ...(report.unread.length > 0 ? [html`not read: ${names(report.unread)}`] : []),
    ],
    figures: figures(report),
    sections: sections(report),
    foot: [html`Read-only: verify asks for free/busy times only`],
  };
}

/** What a verification comes to, in the words of the page. */
export function verifyVerdictWords(report: VerifyReport): Verdict {
  const numbers = verifyNumbers(report);
  switch (verifyVerdict(report)) {
    case 'fails':
      return { tone: 'bad', word: 'Does not work', sentence: `${checksText(numbers, 'fails')}.` };
    case 'nothing-asked':
      return { tone: 'unsure', word: 'Not known', sentence: 'Nothing was asked.' };
    case 'unknown':
      return { tone: 'unsure', word: 'Not known', sentence: `Nothing fails. ${checksText(numbers, 'unknown')}.` };
    case 'partly':
      return { tone: 'unsure', word: 'Not known', sentence: notAll };
    case 'works':
      return { tone: 'good', word: 'Works', sentence: 'Each side sees the busy times of the other.' };
  }
}

const notAll = 'Every answer is right, but some checks could not be made.';

function figures(report: VerifyReport): readonly Figure[] {
  const { lookUps, mail } = verifyNumbers(report);
  return [
    { label: 'Look-ups that work', value: lookUps.works, beside: html`of ${lookUps.all}` },
    { label: 'Look-ups that fail', value: lookUps.fails, ...(lookUps.fails > 0 && { tone: 'bad' as const }) },
    ...notKnown('Look-ups not known', lookUps),
    ...(mail.all > 0 ? [{ label: 'Mail checks that work', value: mail.works, beside: html`of ${mail.all}` }] : []),
    ...(mail.fails > 0 ? [{ label: 'Mail checks that fail', value: mail.fails, tone: 'bad' as const }] : []),
    ...notKnown('Mail checks not known', mail),
  ];
}

function notKnown(label: string, { unknown }: StateNumbers): readonly Figure[] {
  return unknown > 0 ? [{ label, value: unknown, tone: 'warn' as const }] : [];
}

function sections(report: VerifyReport): readonly Section[] {
  const { cells, mail, probes } = report;
  const open = foldLookUps(cells);
  const { works, fails, unknown, all } = verifyNumbers(report).lookUps;
  const failures: Section = {
    id: 'failures',
    title: fails === 0 ? 'What is not known' : unknown === 0 ? 'What does not work' : 'What fails or is not known',
    count: count(all - works, 'look-up'),
    body: lookUpList(open),
  };
  return [
    matrixSection(report),
    ...(open.length > 0 ? [failures] : []),
    ...(mail.length > 0
      ? [{ id: 'mail', title: 'Invitations by mail', count: count(mail.length, 'mail check'), body: mailTable(mail) }]
      : []),
    ...findingSections(otherFindings(report)),
    { id: 'probes', title: 'Probe accounts', count: count(probes.length, 'account'), body: probeTable(report) },
  ];
}

/** Whether each side sees the other, by host. */
export function matrixSection({ cells }: VerifyReport): Section {
  return { id: 'matrix', title: 'Free/busy between the sides', body: matrixTable(cells) };
}

function probeTable({ probes }: VerifyReport): Html {
  const { shown, more } = bounded(probes, bounds.rows);
  const rows = shown.map(({ side, mail, dn, chosen }) => [
    name(mail),
    sideBadge(side),
    dn === unnamed ? undefined : name(dn),
    dn === unnamed ? undefined : shorten(chosen, bounds.value),
  ]);
  return html`${columnTable({
    caption: 'The accounts that verify looks up, and why it chose them.',
    columns: [{ title: 'Address', of: 'name' }, { title: 'Side' }, { title: 'Entry' }, { title: 'Why this one' }],
    rows,
  })}${more > 0 && html`<p class="more">and ${count(more, 'more account')}</p>`}`;
}

/** From side to side by host: a cell says in a word whether users of one see when those of the other are busy. */
function matrixTable(cells: readonly VerifiedCell[]): Html {
  const { columns, rows } = verifyMatrix(cells);
  const { shown, more } = bounded(rows, bounds.rows);
  const heading = ({ from, to, way }: Direction): Column => ({
    title: html`${sideBadge(from)} sees ${sideBadge(to)}${way === 'ischedule' && ' (iSchedule)'}`,
    of: 'state',
  });
  return html`${columnTable({
    caption:
      'A user of one side asks about a user of the other through each server. The cells say whether an answer came.',
    columns: [{ title: 'Through', of: 'name' }, ...columns.map(heading)],
    rows: shown.map(({ host, boxes }) => [name(host), ...boxes.map(matrixCell)]),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more host')}</p>`}`;
}

function matrixCell(box: MatrixBox | undefined): Part {
  if (!box) return undefined;
  return html`${stateBadge(box.state)}${box.n < box.of && html` ${box.n} of ${box.of}`}`;
}

function sideBadge(side: VerifiedCell['from']): Html {
  return html`<span class="side ${side}">${side.toUpperCase()}</span>`;
}

/** What invitations by mail depend on. */
function mailTable(mail: readonly VerifiedMail[]): Html {
  const { shown, more } = bounded(mail, bounds.cells);
  const row = ({ host, what, state, detail, causes }: VerifiedMail) => [
    shorten(what, bounds.value),
    stateBadge(state),
    name(host),
    html`${shorten(detail, bounds.value)}${causeList(causes)}`,
  ];
  return html`${columnTable({
    caption: 'No mail is sent for these checks.',
    columns: [{ title: 'Check', of: 'name' }, { title: 'State', of: 'state' }, { title: 'From' }, { title: 'Answer' }],
    rows: shown.map(row),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more', 'more')}</p>`}`;
}

/** A state in words, and how it is to be taken. */
const verifiedWords: Readonly<Record<VerifiedState, { readonly word: string; readonly tone: Tone }>> = {
  works: { word: 'works', tone: 'good' },
  fails: { word: 'fails', tone: 'bad' },
  unknown: { word: 'not known', tone: 'unsure' },
};

/** A state with its mark. */
function stateBadge(state: VerifiedState): Html {
  const { word, tone } = verifiedWords[state];
  return html`<span class="badge ${tone}">${icon(tone)} ${word}</span>`;
}

const ways: Readonly<Record<VerifiedCell['way'], string>> = {
  wcap: 'as a client asks (WCAP)',
  ischedule: 'as CS7 asks by the domain map (iSchedule)',
};

/** Look-ups that did not work: each hop with its answer, and which setting it most likely comes from. */
function lookUpList(folded: readonly FoldedLookUps[]): Html {
  const { shown, more } = bounded(folded, bounds.cells);
  return html`<ul class="changes plain">${shown.map(lookUpCard)}</ul>${more > 0 && html`<p class="more">and ${count(more, 'more', 'more')}</p>`}`;
}

function lookUpCard({ first, all }: FoldedLookUps): Html {
  const { from, to, host, way, state, problem, detail, hops, causes } = first;
  return html`<li class="change ${state === 'fails' ? 'delete' : ''}">
<p class="head">${stateBadge(state)} <span>${sideBadge(from)} sees ${sideBadge(to)}</span> ${names(all.map(({ account }) => account))} <span class="reach">through ${name(host)}, ${ways[way]}</span></p>
<p>${shorten(detail, bounds.detail)}${problem !== undefined && html` <span class="quiet">${name(problem)}</span>`}</p>
${hopList(hops)}
${causeList(causes)}
</li>
`;
}

/** How many hops or causes of one look-up are drawn. */
const most = 10;

function hopList(hops: readonly VerifiedHop[]): Html {
  if (hops.length === 0) return nothing;
  const hop = ({ method, url, came, milliseconds }: VerifiedHop) =>
    html`<li><code>${method} ${shorten(url, bounds.value)}</code><br>${shorten(came, bounds.value)} <span class="quiet">after ${milliseconds} ms</span></li>`;
  return html`<details open><summary>${count(hops.length, 'exchange')}</summary><ol class="hops">${hops.slice(0, most).map(hop)}</ol></details>`;
}

/** The settings that a failure most likely comes from. */
function causeList(causes: readonly LikelyCause[]): Html {
  if (causes.length === 0) return nothing;
  const cause = ({ target, key, why, source }: LikelyCause) =>
    html`<li>${name(key)} on ${name(target)}${why !== '' && `: ${shorten(why, bounds.value)}`}${source && html` <span class="quiet">owned by ${place(source)}</span>`}</li>`;
  return html`<p class="likely">Most likely:</p><ul class="causes">${causes.slice(0, most).map(cause)}</ul>`;
}
