import type { Finding } from '../../../core/finding.ts';
import { distinctFindings } from '../../../core/finding.ts';
import type { Report } from '../../../core/report.ts';
import type { SiteFacts } from '../../../core/site.ts';
import { count } from '../../../core/units.ts';
import { accountTrend } from '../../view/account-trend.ts';
import { viewPlan } from '../../view/plan-view.ts';
import { readAtOf } from '../../view/report-facts.ts';
import type { Tone } from '../../view/verdict.ts';
import { countFindings, planFindings } from '../../view/view-findings.ts';
import { auditVerdictWords, truthSection } from '../audit-page.ts';
import { columnTable, icon, moment, provenanceFacts } from '../elements.ts';
import { estateSection } from '../estate/estate-section.ts';
import { findingSections } from '../finding-section.ts';
import { html, type Part } from '../html.ts';
import type { PageContent, Section, Verdict } from '../page.ts';
import { changeSections } from '../plan/change-tables.ts';
import { planFigures, planVerdictWords } from '../plan/plan-banner.ts';
import { matrixSection, verifyVerdictWords } from '../verify-page.ts';
import { type RunLink, runsSection } from './history-page.ts';
import { runVerdictWords } from './run-page.ts';
import { accountsSection } from './trends-page.ts';

/** How many of the newest runs the page has. */
const fewRuns = 5;

/** The page that one opens first: how everything stands, and where there is more about it. */
export function nowPage(facts: SiteFacts, link: RunLink): PageContent {
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
