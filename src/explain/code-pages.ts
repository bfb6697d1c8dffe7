import type { CodeArea, CodePage } from './code-page.ts';
import { cohortPages, deletionPages, filterPages, loginPages, runPages } from './code-pages/account-work.ts';
import { auditPages } from './code-pages/audit.ts';
import { basePages, connectionPages } from './code-pages/base.ts';
import { cliPages } from './code-pages/cli.ts';
import { cs6Pages, icsConfPages, softwarePages } from './code-pages/cs6.ts';
import { calendarPages } from './code-pages/cs6-calendars.ts';
import { accountPages, cs7Pages } from './code-pages/cs7.ts';
import { directoryConnectionPages, directoryContentPages } from './code-pages/directory.ts';
import { driftPages, metricsPages, notifyPages } from './code-pages/drift.ts';
import { estateCoexistencePages, ignorePages } from './code-pages/estate-coexistence.ts';
import { estateCohortPages } from './code-pages/estate-cohorts.ts';
import { estateFormPages } from './code-pages/estate-form.ts';
import { estateMemberPages } from './code-pages/estate-members.ts';
import { estateRulePages } from './code-pages/estate-rules.ts';
import { estateSettingPages } from './code-pages/estate-settings.ts';
import { estateSourcePages } from './code-pages/estate-source.ts';
import { guardPages, savedPlanPages } from './code-pages/guards.ts';
import { hostAnswerPages } from './code-pages/host-answers.ts';
import { hostConnectionPages } from './code-pages/host-connection.ts';
import { hostLockPages } from './code-pages/host-locks.ts';
import { partPages } from './code-pages/parts.ts';
import { filePages, planPages, secretPages } from './code-pages/plan.ts';
import { snapshotPages } from './code-pages/snapshot.ts';
import { verifyPages } from './code-pages/verify.ts';

/** Every code that a finding can have, in the order of the work: the file first, then the estate. */
export const codeAreas: readonly CodeArea[] = [
  {
    names: ['estate'],
    title: 'the estate file',
    pages: [
      ...estateSourcePages,
      ...estateFormPages,
      ...estateRulePages,
      ...estateSettingPages,
      ...estateMemberPages,
      ...estateCohortPages,
      ...estateCoexistencePages,
    ],
  },
  { names: ['ignore'], title: 'differences that are left alone for a while', pages: ignorePages },
  { names: ['file'], title: 'files on this machine', pages: filePages },
  { names: ['base'], title: 'what a revision plans, told apart from the rest', pages: basePages },
  { names: ['connections'], title: 'connections that are taken from a trusted revision', pages: connectionPages },
  { names: ['cli'], title: 'the command line', pages: cliPages },
  {
    names: ['plan'],
    title: 'plans, new and saved',
    pages: [...planPages, ...savedPlanPages, ...guardPages, ...deletionPages],
  },
  { names: ['part'], title: 'parts of a plan, and how they are joined', pages: partPages },
  { names: ['snapshot'], title: 'snapshots, and plans from them', pages: snapshotPages },
  { names: ['run', 'undo'], title: 'runs, and the record of them', pages: runPages },
  { names: ['secret'], title: 'secrets', pages: secretPages },
  {
    names: ['host'],
    title: 'reaching and reading hosts',
    pages: [...hostConnectionPages, ...hostAnswerPages, ...hostLockPages],
  },
  {
    names: ['directory'],
    title: 'the directory',
    pages: [...directoryConnectionPages, ...directoryContentPages, ...filterPages],
  },
  { names: ['software'], title: 'software levels', pages: softwarePages },
  { names: ['cs6', 'ics-conf'], title: 'Calendar Server 6 and its ics.conf', pages: [...cs6Pages, ...icsConfPages] },
  { names: ['calendars'], title: 'calendars of migrated accounts on Calendar Server 6', pages: calendarPages },
  { names: ['cs7'], title: 'Calendar Server 7', pages: cs7Pages },
  {
    names: ['identity', 'cohort', 'login'],
    title: 'accounts',
    pages: [...accountPages, ...cohortPages, ...loginPages],
  },
  { names: ['audit'], title: 'audits of all accounts', pages: auditPages },
  {
    names: ['drift', 'notify', 'metrics'],
    title: 'looking for drift, and telling of it',
    pages: [...driftPages, ...notifyPages, ...metricsPages],
  },
  { names: ['verify'], title: 'verifications over HTTP', pages: verifyPages },
];

/** The same without their areas. */
export const codePages: readonly CodePage[] = codeAreas.flatMap(area => area.pages);
