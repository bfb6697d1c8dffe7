import { count } from '../../core/units.ts';
import type { LikelyCause, VerifiedCell, VerifiedHop, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { type Tone, verifyVerdict } from '../view/verdict.ts';
import {
  type Direction,
  type FoldedLookUps,
  foldLookUps,
  type MatrixBox,
  otherFindings,
  type VerifiedState,
  verifyMatrix,
} from '../view/verify-view.ts';
import {
  bounded,
  bounds,
  icon,
  listed,
  moment,
  name,
  names,
  place,
  scrollingTable,
  shorten,
  unseen,
} from './elements.ts';
import { findingSections } from './finding-section.ts';
import { type Html, html, nothing } from './html.ts';
import type { Figure, PageContent, Section, Verdict } from './page.ts';

/** The page of a verification. */
export function verifyPage(report: VerifyReport): PageContent {
  return {
    command: 'verify',
    subject: report.estate,
    verdict: verdict(report),
    facts: [
      html`asked ${moment(report.askedAt)}`,
      count(report.probes.length, 'probe account'),
      ...(report.unread.length > 0 ? [html`not read: ${names(report.unread)}`] : []),
    ],
    figures: figures(report),
    sections: sections(report),
    foot: [html`Read-only: only free/busy times were asked for`],
  };
}

function inState({ cells }: VerifyReport, state: VerifiedState): number {
  return cells.filter(cell => cell.state === state).length;
}

function verdict(report: VerifyReport): Verdict {
  const all = count(report.cells.length, 'look-up');
  const unknown = inState(report, 'unknown');
  switch (verifyVerdict(report)) {
    case 'fails':
      return { tone: 'bad', word: 'Does not work', sentence: `${listed(failing(report, all))}.` };
    case 'nothing-asked':
      return { tone: 'unsure', word: 'Not known', sentence: 'Nothing was asked.' };
    case 'unknown': {
      const sentence = unknown > 0 ? `${unknown} of ${all} gave no answer to conclude from.` : notAll;
      return { tone: 'unsure', word: 'Not known', sentence };
    }
    case 'partly':
      return { tone: 'unsure', word: 'Not known', sentence: notAll };
    case 'works':
      return { tone: 'good', word: 'Works', sentence: 'Each side sees when users of the other are busy.' };
  }
}

const notAll = 'What was asked works; not everything could be asked.';

function failing(report: VerifyReport, all: string): readonly string[] {
  const fails = inState(report, 'fails');
  const mail = report.mail.filter(({ state }) => state === 'fails').length;
  const verb = (n: number) => (n === 1 ? 'fails' : 'fail');
  return [
    ...(fails > 0 ? [`${fails} of ${all} ${verb(fails)}`] : []),
    ...(mail > 0 ? [`${count(mail, 'thing')} that invitations by mail depend on ${verb(mail)}`] : []),
  ];
}

function figures(report: VerifyReport): readonly Figure[] {
  const [works, fails, unknown] = [inState(report, 'works'), inState(report, 'fails'), inState(report, 'unknown')];
  return [
    { label: 'Look-ups that work', value: works, beside: `of ${report.cells.length}` },
    { label: 'Look-ups that fail', value: fails, ...(fails > 0 && { tone: 'bad' as const }) },
    ...(unknown > 0 ? [{ label: 'Not known', value: unknown, tone: 'warn' as const }] : []),
  ];
}

function sections(report: VerifyReport): readonly Section[] {
  const { cells, mail, probes } = report;
  const open = foldLookUps(cells);
  const fails = inState(report, 'fails') > 0;
  const failures: Section = {
    id: 'failures',
    title: fails ? 'What does not work' : 'What is not known',
    count: cells.length - inState(report, 'works'),
    body: lookUpList(open),
  };
  return [
    { id: 'matrix', title: 'Who sees whom', body: matrixTable(cells) },
    ...(open.length > 0 ? [failures] : []),
    ...(mail.length > 0
      ? [{ id: 'mail', title: 'Invitations by mail', count: mail.length, body: mailTable(mail) }]
      : []),
    ...findingSections(otherFindings(report)),
    { id: 'probes', title: 'Who was asked about', count: probes.length, body: probeTable(report) },
  ];
}

function probeTable({ probes }: VerifyReport): Html {
  const { shown, more } = bounded(probes, bounds.rows);
  const rows = shown.map(
    ({ side, mail, dn, chosen }) =>
      html`<tr><td><span class="side ${side}">${side.toUpperCase()}</span></td><th scope="row">${name(mail)}</th><td>${name(dn)}</td><td>${shorten(chosen, bounds.value)}</td></tr>`,
  );
  return html`${scrollingTable({
    caption: 'The accounts whose busy times were asked for, and why these.',
    head: html`<th scope="col">Side</th><th scope="col">Address</th><th scope="col">Entry</th><th scope="col">Why this one</th>`,
    body: rows,
  })}${more > 0 && html`<p class="more">and ${count(more, 'more account')}</p>`}`;
}

/** From side to side by host: a cell says in a word whether users of one see when those of the other are busy. */
function matrixTable(cells: readonly VerifiedCell[]): Html {
  const { columns, rows } = verifyMatrix(cells);
  const { shown, more } = bounded(rows, bounds.rows);
  const heading = ({ from, to, way }: Direction) =>
    html`<th scope="col"><span class="side ${from}">${from.toUpperCase()}</span> sees <span class="side ${to}">${to.toUpperCase()}</span>${way === 'ischedule' && ' (iSchedule)'}</th>`;
  return html`${scrollingTable({
    caption: 'By way of which server a user of one side asks about a user of the other, and whether an answer came.',
    head: html`<th scope="col">By way of</th>${columns.map(heading)}`,
    body: shown.map(({ host, boxes }) => html`<tr><th scope="row">${name(host)}</th>${boxes.map(matrixCell)}</tr>`),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more host')}</p>`}`;
}

function matrixCell(box: MatrixBox | undefined): Html {
  if (!box) return html`<td class="quiet"><span aria-hidden="true">–</span>${unseen('not asked')}</td>`;
  return html`<td class="cell">${stateBadge(box.state)}${box.n < box.of && ` ${box.n} of ${box.of}`}</td>`;
}

/** What invitations by mail depend on. */
function mailTable(mail: readonly VerifiedMail[]): Html {
  const { shown, more } = bounded(mail, bounds.cells);
  const row = ({ host, what, state, detail, causes }: VerifiedMail) =>
    html`<tr><td class="cell">${stateBadge(state)}</td><th scope="row">${shorten(what, bounds.value)}</th><td>${name(host)}</td><td>${shorten(detail, bounds.value)}${causeList(causes)}</td></tr>`;
  return html`${scrollingTable({
    caption: 'Looked at without sending anything to anybody.',
    head: html`<th scope="col">State</th><th scope="col">What</th><th scope="col">From</th><th scope="col">What came</th>`,
    body: shown.map(row),
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
<p class="head">${stateBadge(state)} <span><span class="side ${from}">${from.toUpperCase()}</span> sees <span class="side ${to}">${to.toUpperCase()}</span></span> ${names(all.map(({ account }) => account))} <span class="reach">by way of ${name(host)}, ${ways[way]}</span></p>
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
    html`<li>${name(key)} on ${name(target)}: ${shorten(why, bounds.value)}${source && html` <span class="quiet">owned by ${place(source)}</span>`}</li>`;
  return html`<p class="likely">Most likely:</p><ul class="causes">${causes.slice(0, most).map(cause)}</ul>`;
}
