import { count } from '../../core/count.ts';
import { drawAlone, nextCommands } from '../../core/next-command.ts';
import type { AuditClass, AuditReport } from '../../core/report.ts';
import { cohortTable, listedCalendars } from '../view/audit-view.ts';
import type { DrawOptions } from '../view/draw-options.ts';
import { auditVerdict } from '../view/verdict.ts';
import { cohortSection, truthTable } from './audit-tables.ts';
import { icon } from './elements.ts';
import { command, findingSections, prose } from './findings.ts';
import { type Html, html } from './html.ts';
import type { Figure, PageContent, Section, Verdict } from './page.ts';
import { listed, moment, names } from './texts.ts';

/** What is not good: how many, such as whom, what it means and what to do. */
function classList({ classes, stores }: AuditReport): Html {
  return html`<div class="findings">${classes.map(one => classCard(one, stores))}</div>`;
}

/** How many stores are named where one is not known. */
const mostStores = 12;

function classCard(
  { name: title, of, count: n, examples, means, remedy }: AuditClass,
  stores: readonly string[],
): Html {
  const tone = title === 'unknown' ? 'unsure' : 'bad';
  const known = title === 'unknown-store' ? ` Named by cohorts: ${listed(stores, mostStores)}.` : '';
  const more = n - examples.length;
  return html`<article class="finding ${tone}">
<h3><span class="badge ${tone}">${icon(tone)} ${title.replaceAll('-', ' ')}</span> ${count(n, of === 'accounts' ? 'account' : 'calendar')}</h3>
${prose(`${means}${known}`)}
<p><b>What to do:</b> ${remedy}</p>
<p class="at"><span>e.g. ${names(examples)}${more > 0 && html` and ${more} more`}</span></p>
</article>
`;
}

/** The page of an audit. */
export function auditPage(report: AuditReport, { draw = drawAlone }: DrawOptions): PageContent {
  return {
    command: 'audit',
    subject: report.estate,
    verdict: verdict(report),
    facts: [
      html`read ${moment(report.readAt)}`,
      count(report.hosts.length, 'CS6 host'),
      `${count(listedCalendars(report), 'calendar')} listed`,
      ...(report.unread.length > 0 ? [html`not read: ${names(report.unread)}`] : []),
    ],
    figures: figures(report),
    sections: sections(report, draw(nextCommands.auditList('not-good'))),
    foot: [html`Stores that cohorts name: ${listed(report.stores) || 'none'}`],
  };
}

function verdict(report: AuditReport): Verdict {
  const { accounts, unread } = report;
  const good = accounts ? `${count(accounts.good, 'account')} of ${accounts.all.toLocaleString('en-US')} good` : '';
  switch (auditVerdict(report)) {
    case 'accounts-unread': {
      const sentence = 'The accounts could not be read whole: nothing is said about any.';
      return { tone: 'unsure', word: 'Incomplete', sentence };
    }
    case 'not-good':
      return { tone: 'bad', word: 'Not all good', sentence: `${good}.` };
    case 'incomplete':
      return { tone: 'unsure', word: 'Incomplete', sentence: `${good}; ${listed(unread)} could not be read.` };
    case 'good':
      return { tone: 'good', word: 'All good', sentence: `${good}.` };
  }
}

function figures({ accounts }: AuditReport): readonly Figure[] {
  if (!accounts) return [];
  const { all, good, states } = accounts;
  const bad = (label: string, value: number): Figure => ({ label, value, ...(value > 0 && { tone: 'bad' as const }) });
  return [
    { label: 'Good accounts', value: good, beside: html`of ${all}` },
    bad('Split brain', states['split-brain']),
    bad('Limbo', states.limbo),
    ...(states.unknown > 0 ? [{ label: 'Unknown', value: states.unknown, tone: 'warn' as const }] : []),
  ];
}

function sections(report: AuditReport, listing: string): readonly Section[] {
  const { accounts, classes, findings } = report;
  const list = html`<p>Who they are:</p>${command(listing)}`;
  return [
    ...(accounts
      ? [
          { id: 'truth', title: 'Is everybody on exactly one side?', body: truthTable(accounts.states) },
          {
            id: 'cohorts',
            title: 'Cohorts',
            count: accounts.cohorts.length,
            body: cohortSection(cohortTable(accounts)),
          },
        ]
      : []),
    ...(classes.length > 0
      ? [{ id: 'classes', title: 'What is not good', count: classes.length, body: html`${classList(report)}${list}` }]
      : []),
    ...findingSections(findings),
  ];
}
