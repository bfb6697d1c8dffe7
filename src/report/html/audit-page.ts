import { drawAlone, nextCommands } from '../../core/next-command.ts';
import type { AuditClass, AuditReport, AuditState } from '../../core/report.ts';
import { count, wordFor } from '../../core/units.ts';
import {
  type CohortRow,
  type CohortTable,
  cohortTable,
  listedCalendars,
  type StateCounts,
  stateWords,
} from '../view/audit-view.ts';
import type { DrawOptions } from '../view/plan-view.ts';
import { auditVerdict } from '../view/verdict.ts';
import {
  bounded,
  bounds,
  columnTable,
  icon,
  listed,
  moment,
  name,
  names,
  provenanceFacts,
  scrollingTable,
  shorten,
} from './elements.ts';
import { command, findingSections, prose } from './finding-section.ts';
import { type Html, html, nothing, type Part } from './html.ts';
import type { Figure, PageContent, Section, Verdict } from './page.ts';

/** The page of an audit. */
export function auditPage(report: AuditReport, { draw = drawAlone }: DrawOptions): PageContent {
  return {
    command: 'audit',
    subject: report.estate,
    verdict: auditVerdictWords(report),
    facts: [
      ...provenanceFacts(report),
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

/** What an audit comes to, in the words of the page. */
export function auditVerdictWords(report: AuditReport): Verdict {
  const { accounts, unread } = report;
  const good = accounts ? `${count(accounts.good, 'account')} of ${accounts.all.toLocaleString('en-US')} good` : '';
  switch (auditVerdict(report)) {
    case 'accounts-unread': {
      const sentence = 'The accounts could not be read completely, so none is judged.';
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
  const list = html`<p>List these accounts:</p>${command(listing)}`;
  return [
    ...truthSection(report),
    ...(accounts
      ? [
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

/** Where all accounts are; nothing where they could not be read. */
export function truthSection({ accounts }: AuditReport): readonly Section[] {
  if (!accounts) return [];
  return [{ id: 'truth', title: 'Is every account on exactly one side?', body: truthTable(accounts.states) }];
}

/** Local-user attribute by CS6 calendar: each account is in one cell. */
function truthTable(states: StateCounts): Html {
  const rows = html`<tr><th scope="row">local-user attribute set: CS7 owns the account</th>${cell(states, 'split-brain')}${cell(states, 'good-cs7')}</tr>
<tr><th scope="row">not set: CS7 asks CS6</th>${cell(states, 'good-cs6')}${cell(states, 'limbo')}</tr>`;
  const unknown =
    states.unknown > 0 &&
    html`<p class="more"><span class="badge unsure">${icon('unsure')} ${stateWords.unknown}</span> ${states.unknown}: a host that may have their calendars could not be read.</p>`;
  return html`${scrollingTable({
    name: 'truth',
    caption: 'The number of accounts in each place. Each account needs one side, and one side only.',
    head: html`<td></td><th scope="col">calendar on CS6</th><th scope="col">no calendar on CS6</th>`,
    body: [rows],
  })}${unknown}`;
}

function cell(states: StateCounts, state: AuditState): Html {
  const good = state === 'good-cs6' || state === 'good-cs7';
  const tone = good ? 'good' : states[state] > 0 ? 'bad' : 'none';
  return html`<td class="${tone}"><b>${states[state]}</b> ${icon(tone === 'none' ? 'idle' : tone)} ${stateWords[state]}</td>`;
}

/** The cohorts with a bar and numbers for where their accounts are. */
function cohortSection({ columns, rows, all, overlaps }: CohortTable): Html {
  const { shown, more } = bounded(rows, bounds.rows);
  const cells = (first: Part, where: Part, accounts: number, states: StateCounts) => [
    ...[first, where, accounts],
    ...columns.map(state => states[state]),
    bar(states, accounts),
  ];
  const row = (cohort: CohortRow) => cells(name(cohort.name), side(cohort), cohort.accounts, cohort.states);
  return html`${columnTable({
    caption: 'Every account is in one cohort. The bar shows CS6, then CS7, then accounts on both sides or on neither.',
    columns: [
      ...[{ title: 'Cohort', of: 'name' } as const, { title: 'Server' }, { title: 'Accounts', of: 'number' } as const],
      ...columns.map(state => ({ title: stateWords[state], of: 'number' }) as const),
      { title: 'Shares' },
    ],
    rows: shown.map(row),
    sums: cells('All', 'both', all.accounts, all.states),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more cohort')}</p>`}${overlapList(overlaps)}`;
}

function side({ store, share }: CohortRow): Html {
  if (store === undefined) return html`<span class="side cs6">CS6</span>`;
  return html`<span class="side cs7">CS7</span> ${shorten(store, bounds.name)}${share !== undefined && html` (${String(share)} %)`}`;
}

/** Side by side, in the order of the columns; a thin gap keeps neighbours apart without their colour. */
function bar(states: StateCounts, all: number): Html {
  const gap = 0.6;
  let x = 0;
  const parts = (Object.keys(stateWords) as readonly AuditState[]).map(state => {
    const width = all > 0 ? (100 * states[state]) / all : 0;
    const part =
      width === 0
        ? nothing
        : html`<rect class="${state}" x="${x.toFixed(2)}" width="${Math.max(width, 0.8).toFixed(2)}" height="12"/><rect class="gap" x="${(x + Math.max(width, 0.8)).toFixed(2)}" width="${String(gap)}" height="12"/>`;
    x += width;
    return part;
  });
  return html`<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="ground" width="100" height="12"/>${parts}</svg>`;
}

function overlapList(overlaps: CohortTable['overlaps']): Html {
  if (overlaps.length === 0) return nothing;
  const { shown, more } = bounded(overlaps, bounds.cells);
  const line = ({ cohort, fits, accounts }: CohortTable['overlaps'][number]) =>
    html`<li>${count(accounts, 'account')} of cohort ${name(cohort)} ${wordFor(accounts, 'matches', 'match')} cohort ${name(fits)} too. The first match wins.</li>`;
  return html`<h3>Overlaps</h3><ul>${shown.map(line)}${more > 0 && html`<li>and ${more} more</li>`}</ul>`;
}

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
${examples.length > 0 && html`<p class="at"><span>e.g. ${names(examples)}${more > 0 && html` and ${more} more`}</span></p>`}
</article>
`;
}
