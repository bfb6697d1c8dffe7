import type { SiteFacts, SiteRunDetails } from '../../../core/site.ts';
import {
  auditWithoutNames,
  failedWithoutNames,
  findingWithoutNames,
  planWithoutNames,
  verifyWithoutNames,
} from '../../view/without-names.ts';
import { type PageContent, type PageLink, renderPage } from '../page.ts';
import { pageOf } from '../render-html.ts';
import { historyPage, type RunLink } from './history-page.ts';
import { nowPage } from './now-page.ts';
import { runPage } from './run-page.ts';
import { trendsPage } from './trends-page.ts';

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
