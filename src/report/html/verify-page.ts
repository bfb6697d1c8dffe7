import { count } from '../../core/count.ts';
import type { VerifiedCell, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { verifyVerdict } from '../view/verdict.ts';
import {
  type Direction,
  foldLookUps,
  type MatrixBox,
  otherFindings,
  type VerifiedState,
  verifyMatrix,
} from '../view/verify-view.ts';
import { scrollingTable } from './elements.ts';
import { findingSections } from './findings.ts';
import { type Html, html } from './html.ts';
import { causeList, lookUpList, stateBadge } from './look-ups.ts';
import type { Figure, PageContent, Section, Verdict } from './page.ts';
import { bounded, bounds, listed, moment, name, names, shorten, unseen } from './texts.ts';

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
