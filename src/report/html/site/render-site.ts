import { distinctFindings, type Finding } from '../../../core/finding.ts';
import type { Report } from '../../../core/report.ts';
import { accountTrend, type SiteFacts, type SiteRunDetails } from '../../../core/site.ts';
import { count } from '../../../core/units.ts';
import { viewPlan } from '../../view/plan-view.ts';
import { readAtOf } from '../../view/report-facts.ts';
import type { Tone } from '../../view/verdict.ts';
import { countFindings, planFindings } from '../../view/view-findings.ts';
import {
  auditWithoutNames,
  failedWithoutNames,
  findingWithoutNames,
  planWithoutNames,
  verifyWithoutNames,
} from '../../view/without-names.ts';
import { auditVerdictWords, truthSection } from '../audit-page.ts';
import { columnTable, icon, moment, provenanceFacts } from '../elements.ts';
import { estateSection } from '../estate/estate-section.ts';
import { findingSections } from '../finding-section.ts';
import { html, type Part } from '../html.ts';
import { type PageContent, type PageLink, renderPage, type Section, type Verdict } from '../page.ts';
import { changeSections } from '../plan/change-tables.ts';
import { planFigures, planVerdictWords } from '../plan/plan-banner.ts';
import { pageOf } from '../render-html.ts';
import { matrixSection, verifyVerdictWords } from '../verify-page.ts';
import { historyPage, type RunLink, runPage, runsSection, runVerdictWords } from './run-pages.ts';
import { accountsSection, trendsPage } from './trends-page.ts';

/** A page of the site: the name of its file and its text. */
export interface SitePage {
  readonly file: string;
  readonly text: string;
}

const pages: readonly PageLink[] = [
  { title: 'Now', href: 'index.html' },
  { title: 'Drift', href: 'drift.html' },
  { title: 'Audit', href: 'audit.html' },
  { title: 'Free/busy', href: 'verify.html' },
  { title: 'Runs', href: 'runs.html' },
  { title: 'Trends', href: 'trends.html' },
];

/** The file of the page of a run. */
export function runPageFile(run: string): string {
  return `run-${run}.html`;
}

/** Draws the page of one run. It stays as it is once the run has ended. */
export function renderRunPage(details: SiteRunDetails, estate: string, withNames: boolean): SitePage {
  return page(runPageFile(details.run.name), 'Runs', runPage(details, estate, withNames));
}

/**
 * Draws all pages but those of single runs; the first page is the last one. `withPage`: the runs that have a page. Without
 * `withNames` no page has the name of an account, a DN or a mail address of one.
 */
export function renderSite(
  given: SiteFacts,
  { withNames, withPage }: { readonly withNames: boolean; readonly withPage: ReadonlySet<string> },
): readonly SitePage[] {
  const facts = withNames ? given : factsWithoutNames(given);
  const link: RunLink = run => (withPage.has(run) ? runPageFile(run) : undefined);
  return [
    page('drift.html', 'Drift', pageOf(facts.drift, {})),
    page('audit.html', 'Audit', pageOf(facts.audit, {})),
    page('verify.html', 'Free/busy', pageOf(facts.verify, {})),
    page('runs.html', 'Runs', historyPage(facts, link)),
    page('trends.html', 'Trends', trendsPage(facts)),
    page('index.html', 'Now', nowPage(facts, link)),
  ];
}

function page(file: string, current: string, content: PageContent): SitePage {
  return { file, text: renderPage({ ...content, site: { pages, current } }) };
}

function factsWithoutNames(facts: SiteFacts): SiteFacts {
  const { drift, audit, verify, places } = facts;
  return {
    ...facts,
    drift: drift.command === 'failed' ? failedWithoutNames(drift) : planWithoutNames(drift),
    audit: audit.command === 'failed' ? failedWithoutNames(audit) : auditWithoutNames(audit),
    verify: verify.command === 'failed' ? failedWithoutNames(verify) : verifyWithoutNames(verify),
    places: places.map(({ place, problem }) => ({ place, ...(problem && { problem: findingWithoutNames(problem) }) })),
  };
}

/** How many of the newest runs the page has. */
const fewRuns = 5;

/** The page that one opens first: how everything stands, and where there is more about it. */
function nowPage(facts: SiteFacts, link: RunLink): PageContent {
  const { estate, at, drift, audit, verify, runs } = facts;
  const answers = answersOf(facts);
  const view = drift.command === 'failed' ? undefined : viewPlan(drift, 'folded', {});
  return {
    command: 'page',
    subject: estate,
    verdict: overall(answers),
    facts: [html`made ${moment(at)}`, ...provenanceFacts(drift)],
    figures: view ? planFigures(view) : [],
    sections: [
      answersSection(answers, runs[0] && link(runs[0].name)),
      ...findingSections(allFindings(facts)),
      ...(view ? changeSections(view) : []),
      ...(drift.command === 'failed' ? [] : [estateSection(drift)]),
      ...(audit.command === 'audit' ? truthSection(audit) : []),
      ...(verify.command === 'verify' ? [matrixSection(verify)] : []),
      runsSection(runs, link, fewRuns),
      accountsSection(accountTrend(facts.samples, runs)),
    ],
    foot: [html`Read-only: making these pages changes nothing on any server`],
  };
}

/** One of the questions that the page answers. */
interface Answer {
  readonly question: string;
  readonly verdict: Verdict;
  /** When that was found out, ISO 8601. */
  readonly at?: string;
  readonly href?: string;
}

function answersOf({ drift, audit, verify, runs }: SiteFacts): readonly Answer[] {
  const answer = (question: string, report: Report, href: string, verdict: Verdict): Answer => {
    const at = readAtOf(report);
    return { question, verdict, href, ...(at !== undefined && { at }) };
  };
  const [last] = runs;
  return [
    answer('Is live as the file says?', drift, 'drift.html', driftWords(drift)),
    answer('Is every account on exactly one side?', audit, 'audit.html', auditWords(audit)),
    answer('Does free/busy work between the sides?', verify, 'verify.html', verifyWords(verify)),
    ...(last ? [{ question: 'Did the last run end well?', verdict: runVerdictWords(last), at: last.began }] : []),
  ];
}

function driftWords(report: SiteFacts['drift']): Verdict {
  return report.command === 'failed' ? notKnown(report) : planVerdictWords(viewPlan(report, 'folded', {}));
}

function auditWords(report: SiteFacts['audit']): Verdict {
  return report.command === 'failed' ? notKnown(report) : auditVerdictWords(report);
}

function verifyWords(report: SiteFacts['verify']): Verdict {
  return report.command === 'failed' ? notKnown(report) : verifyVerdictWords(report);
}

function notKnown({ findings }: { readonly findings: readonly Finding[] }): Verdict {
  const sentence = `The question could not be asked: ${count(countFindings(findings), 'finding')}.`;
  return { tone: 'bad', word: 'Not known', sentence };
}

/** The worst first. */
const tones: readonly Tone[] = ['bad', 'warn', 'unsure', 'note', 'good'];

/** All answers in one: that of the worst, and how many others are not good. */
function overall(answers: readonly Answer[]): Verdict {
  const open = answers.filter(({ verdict }) => verdict.tone !== 'good');
  const [worst, ...others] = open.toSorted((a, b) => tones.indexOf(a.verdict.tone) - tones.indexOf(b.verdict.tone));
  if (!worst) return { tone: 'good', word: 'All good', sentence: 'Every question below has a good answer.' };
  const { tone, word, sentence } = worst.verdict;
  const more = others.length > 0 ? ` ${count(others.length, 'more answer is', 'more answers are')} not good.` : '';
  return { tone, word, sentence: `${worst.question} ${sentence}${more}` };
}

function answersSection(answers: readonly Answer[], lastRun: string | undefined): Section {
  const row = ({ question, verdict, at, href = lastRun }: Answer): readonly Part[] => [
    href === undefined ? question : html`<a href="${href}">${question}</a>`,
    html`<span class="badge ${verdict.tone}">${icon(verdict.tone)} ${verdict.word}</span>`,
    verdict.sentence,
    at === undefined ? undefined : moment(at),
  ];
  const body = columnTable({
    caption: 'Every answer is of the time beside it. A page does not renew itself.',
    columns: [
      { title: 'Question', of: 'name' },
      { title: 'Answer', of: 'state' },
      { title: 'In a sentence' },
      { title: 'Of' },
    ],
    rows: answers.map(row),
  });
  return { id: 'now', title: 'Now', body };
}

/** What all commands found, and what was wrong with the records, each once. */
function allFindings({ drift, audit, verify, places }: SiteFacts): readonly Finding[] {
  return distinctFindings([
    ...('plan' in drift ? planFindings(drift) : drift.findings),
    ...audit.findings,
    ...verify.findings,
    ...places.flatMap(({ problem }) => problem ?? []),
  ]);
}
