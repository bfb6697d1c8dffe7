import { count } from '../../../core/count.ts';
import type { VerifiedCell, VerifyReport } from '../../../core/verification.ts';
import { bounded, bounds } from '../bounds.ts';
import { findingList } from '../findings.ts';
import { type Html, html } from '../html.ts';
import type { Figure, PageContent, Section, Verdict } from '../page.ts';
import { scrollingTable } from '../table.ts';
import { listed, moment, name, names, shorten } from '../texts.ts';
import { cellDetails } from './cell-details.ts';
import { mailTable } from './mail-table.ts';
import { matrix } from './matrix.ts';

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
