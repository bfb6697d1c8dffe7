import { catalogue } from './catalogue.ts';
import type { FindingEntry } from './finding-entry.ts';

/** An entry of the catalogue with its code. */
export interface FindingPage extends FindingEntry {
  readonly code: string;
}

/** Codes that belong together, as a list shows them. */
export interface FindingArea {
  /** The part of the codes before the dot; several where one subject spreads over some. */
  readonly names: readonly string[];
  readonly title: string;
  readonly pages: readonly FindingPage[];
}

/** Every code with its entry. */
export const findingPages: readonly FindingPage[] = Object.entries(catalogue).map(([code, entry]) => ({
  code,
  ...entry,
}));

/** The part of each page's code before the dot. */
const areaNames: readonly string[] = findingPages.map(({ code }) => code.slice(0, code.indexOf('.')));

/** All codes by area, in the order of the work: the file first, then the estate. */
export const findingAreas: readonly FindingArea[] = [
  area('the estate file', 'estate'),
  area('differences that are left alone for a while', 'ignore'),
  area('files on this machine', 'file', 'page'),
  area('what a revision plans, apart from the rest', 'base'),
  area('connections that are taken from a trusted revision', 'connections'),
  area('the command line', 'cli'),
  area('reading a running estate into a file', 'import'),
  area('plans, new and saved', 'plan'),
  area('parts of a plan, and how they are joined', 'part'),
  area('snapshots, and plans from them', 'snapshot'),
  area('runs, and the record of them', 'run', 'undo'),
  area('the records of runs on hosts', 'records'),
  area('secrets', 'secret'),
  area('reaching and reading hosts', 'host'),
  area('how targets are set up', 'doctor'),
  area('the directory', 'directory'),
  area('software levels', 'software'),
  area('Calendar Server 6 and its ics.conf', 'cs6', 'ics-conf'),
  area('calendars of migrated accounts on Calendar Server 6', 'calendars'),
  area('Calendar Server 7', 'cs7'),
  area('accounts', 'identity', 'cohort', 'login'),
  area('audits of all accounts', 'audit'),
  area('looking for drift, and reporting it', 'drift', 'notify', 'metrics'),
  area('verifications over HTTP', 'verify'),
];

function area(title: string, ...names: readonly string[]): FindingArea {
  return { names, title, pages: findingPages.filter((_, at) => names.includes(areaNames[at] ?? '')) };
}
