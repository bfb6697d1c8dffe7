import { count } from '../../core/count.ts';
import { groupBy } from '../../core/group-by.ts';
import type { Side, VerifiedCell, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { scrollingTable } from './elements.ts';
import { findingList } from './findings.ts';
import { type Html, html } from './html.ts';
import { causeList, cellDetails, stateBadge } from './look-ups.ts';
import type { Figure, PageContent, Section, Verdict } from './page.ts';
import { bounded, bounds, listed, moment, name, names, shorten, unseen } from './texts.ts';

const directions: readonly { readonly from: Side; readonly to: Side }[] = [
  { from: 'cs6', to: 'cs6' },
  { from: 'cs6', to: 'cs7' },
  { from: 'cs7', to: 'cs6' },
  { from: 'cs7', to: 'cs7' },
];

/** From side to side by host: a cell says in a word whether users of one see when those of the other are busy. */
function matrix(cells: readonly VerifiedCell[]): Html {
  const { shown, more } = bounded([...groupBy(cells, ({ host }) => host)], bounds.rows);
  const row = ([host, own]: readonly [string, readonly VerifiedCell[]]) =>
    html`<tr><th scope="row">${name(host)}</th>${directions.map(direction => matrixCell(own, direction))}</tr>`;
  return html`${scrollingTable({
    caption: 'By way of which server a user of one side asks about a user of the other, and whether an answer came.',
    head: html`<th scope="col">By way of</th>${directions.map(
      ({ from, to }) =>
        html`<th scope="col"><span class="side ${from}">${from.toUpperCase()}</span> sees <span class="side ${to}">${to.toUpperCase()}</span></th>`,
    )}`,
    body: shown.map(row),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more host')}</p>`}`;
}

function matrixCell(own: readonly VerifiedCell[], { from, to }: (typeof directions)[number]): Html {
  const cells = own.filter(cell => cell.from === from && cell.to === to);
  const of = (state: VerifiedCell['state']) => cells.filter(cell => cell.state === state).length;
  if (cells.length === 0) return html`<td class="quiet"><span aria-hidden="true">–</span>${unseen('not asked')}</td>`;
  const worst = of('fails') > 0 ? 'fails' : of('unknown') > 0 ? 'unknown' : 'works';
  const part = of(worst) < cells.length ? ` ${of(worst)} of ${cells.length}` : '';
  return html`<td class="cell">${stateBadge(worst)}${part}</td>`;
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

function inState({ cells }: VerifyReport, state: VerifiedCell['state']): number {
  return cells.filter(cell => cell.state === state).length;
}

function verdict(report: VerifyReport): Verdict {
  const [fails, unknown] = [inState(report, 'fails'), inState(report, 'unknown')];
  const mail = report.mail.filter(({ state }) => state === 'fails').length;
  const all = count(report.cells.length, 'look-up');
  if (fails + mail > 0) {
    const parts = [
      ...(fails > 0 ? [`${fails} of ${all} ${fails === 1 ? 'fails' : 'fail'}`] : []),
      ...(mail > 0
        ? [`${count(mail, 'thing')} that invitations by mail depend on ${mail === 1 ? 'fails' : 'fail'}`]
        : []),
    ];
    return { tone: 'bad', word: 'Does not work', sentence: `${listed(parts)}.` };
  }
  if (report.cells.length === 0) return { tone: 'unsure', word: 'Not known', sentence: 'Nothing was asked.' };
  if (unknown > 0)
    return { tone: 'unsure', word: 'Not known', sentence: `${unknown} of ${all} gave no answer to conclude from.` };
  return { tone: 'good', word: 'Works', sentence: 'Each side sees when users of the other are busy.' };
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
  // What a look-up has to say stands with it.
  const told = new Set(report.cells.flatMap(({ problem }) => problem ?? []));
  const findings = report.findings.filter(({ code }) => !told.has(code));
  const notWorking = report.cells.filter(cell => cell.state !== 'works');
  const fails = notWorking.some(({ state }) => state === 'fails');
  return [
    { id: 'matrix', title: 'Who sees whom', body: matrix(report.cells) },
    ...(notWorking.length > 0
      ? [
          {
            id: 'failures',
            title: fails ? 'What does not work' : 'What is not known',
            count: notWorking.length,
            body: cellDetails(notWorking),
          },
        ]
      : []),
    ...(report.mail.length > 0
      ? [{ id: 'mail', title: 'Invitations by mail', count: report.mail.length, body: mailTable(report.mail) }]
      : []),
    ...(findings.length > 0
      ? [{ id: 'findings', title: 'Findings', count: findings.length, body: findingList(findings) }]
      : []),
    { id: 'probes', title: 'Who was asked about', count: report.probes.length, body: probeTable(report) },
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
