import { type ChangeFacts, countFacts } from '../core/change-list.ts';
import type { Finding } from '../core/finding.ts';
import type { AuditReport, FailedReport } from '../core/report.ts';
import { exitCodes } from '../core/report.ts';
import type { SiteFacts, SiteRun, SiteRunDetails, SiteSample } from '../core/site.ts';
import type { DriftReport } from '../watch/drift-watch.ts';
import { type Failure, failedReport, type MailContext, problemOf } from './context.ts';
import type { RunRecords } from './known-runs.ts';
import { dayOf } from './load-estate.ts';
import { toRead, withEstate } from './open-estate.ts';
import { openRunRecords, runsFolder } from './run-records.ts';
import { type SiteMemory, withSample } from './site-folder.ts';
import { isRunName, localPlace, runDetails, runFingerprint, siteRun } from './site-runs.ts';
import { loadTrusted, type TrustRequest } from './trusted-connections.ts';
import { verifyEstate } from './verify-estate.ts';
import { withAudit } from './with-audit.ts';

/** Of which estate pages are made. */
export interface SiteRequest extends TrustRequest {
  readonly files: readonly string[];
  readonly runs?: string;
  /** Pages may have the names of accounts. */
  readonly withNames: boolean;
}

/** All that pages are drawn from. */
export interface ReadSite {
  readonly facts: SiteFacts;
  /** The runs whose pages are to be drawn: those that are new, and those that have changed. */
  readonly details: readonly SiteRunDetails[];
  /**
   * The runs that have a page, old or new. A run that is in no place any more has none, but only where all places could be
   * read.
   */
  readonly withPage: ReadonlySet<string>;
  readonly memory: SiteMemory;
}

/** What is known from before. */
interface Before {
  readonly memory?: SiteMemory;
  /** The runs whose pages are in the folder. */
  readonly drawn: ReadonlySet<string>;
}

/** Reads what the pages show besides drift, which was looked for. What cannot be read is on the pages as that. */
export async function readSite(
  request: SiteRequest,
  { estate, drift }: { readonly estate: string; readonly drift: DriftReport | FailedReport },
  before: Before,
  context: MailContext,
): Promise<ReadSite> {
  const { files } = request;
  const audit = await orFailed('audit', files, () => withAudit(request, context, async ({ report }) => report));
  const verify = await orFailed('verify', files, () => verifyEstate(request, context));
  const history = await readHistory(request, before, context);
  const at = context.clock.now();
  const samples = withSample(before.memory?.samples ?? [], sampleOf(at, drift, audit));
  const { runs, places, waves, details, fingerprints } = history;
  const whole = places.every(({ problem }) => !problem);
  const known = new Set(runs.map(({ name }) => name));
  const old = [...before.drawn].filter(name => (!whole || known.has(name)) && mayStay(name, request, before));
  const withPage = [...old, ...details.map(({ run }) => run.name)];
  const older = whole ? {} : before.memory?.runs;
  return {
    facts: { estate, at, drift, audit, verify, runs, places, waves, samples: samples.filter(one => one.at <= at) },
    details,
    withPage: new Set(withPage),
    memory: { estate, samples, runs: { ...older, ...fingerprints } },
  };
}

/** Whatever goes wrong is on the pages, so that the others are made all the same. */
async function orFailed<R extends object>(
  of: 'audit' | 'verify',
  files: readonly string[],
  read: () => Promise<R | Failure>,
): Promise<R | FailedReport> {
  try {
    const result = await read();
    return 'failed' in result ? failedReport(of, files, result) : result;
  } catch (problem) {
    return failedReport(of, files, { failed: [problemOf(problem)], exitCode: exitCodes.error });
  }
}

/** A number that is not whole is none: what could not be read may differ too. */
function sampleOf(at: string, drift: DriftReport | FailedReport, audit: AuditReport | FailedReport): SiteSample {
  const plan = 'plan' in drift && drift.plan.unread.length === 0 ? drift.plan : undefined;
  const isChange = ({ action }: ChangeFacts) => action !== 'restart';
  const changes = plan?.steps.reduce((sum, step) => sum + countFacts(step.changes, isChange), 0);
  const states = 'accounts' in audit ? audit.accounts?.states : undefined;
  return {
    at,
    ...(changes !== undefined && { differences: changes }),
    ...(states && {
      accounts: {
        cs6: states['good-cs6'] + states.limbo,
        cs7: states['good-cs7'] + states['split-brain'],
        unknown: states.unknown,
      },
    }),
  };
}

/** What was drawn with names does not stay among pages without, also where its run cannot be read and drawn again. */
function mayStay(run: string, { withNames }: SiteRequest, { memory }: Before): boolean {
  const drawn = memory?.runs[run]?.drawn;
  return withNames || (drawn !== undefined && !drawn.startsWith(named));
}

/** How what a page was drawn from begins where it has names. */
const named = 'named ';

/** The newest runs get a page of their own. */
const mostPages = 100;

interface History extends Pick<SiteFacts, 'runs' | 'places' | 'waves'>, Pick<ReadSite, 'details'> {
  readonly fingerprints: SiteMemory['runs'];
}

/** The runs, and the waves of the file. Where the file cannot be read, records are not looked for. */
async function readHistory(request: SiteRequest, before: Before, context: MailContext): Promise<History> {
  const nothing = (problem: Finding): History => {
    return { runs: [], places: [{ place: 'records', problem }], waves: [], details: [], fingerprints: {} };
  };
  try {
    const loaded = await loadTrusted(request.files, request, context);
    const today = dayOf(context.clock.now());
    const waves = (loaded.waves ?? []).filter(({ day }) => day > today);
    const read = await withEstate(toRead(context), loaded, undefined, async ({ state, connection }) => {
      const records = await openRunRecords(request, state, connection.ports, context);
      const drawnBy = `${request.withNames ? named : ''}${context.version}`;
      return historyOf(records, runsFolder(request.runs, state.name, context), drawnBy, before);
    });
    if (!('failed' in read)) return { ...read, waves };
    const [problem] = read.failed;
    if (!problem) throw new Error('a failure without a finding');
    return nothing(problem);
  } catch (problem) {
    return nothing(problemOf(problem));
  }
}

/** A page that was drawn from the same is not drawn again: for that the plan and the record of its run would be read. */
async function historyOf(
  records: RunRecords,
  local: string,
  drawnBy: string,
  { memory, drawn }: Before,
): Promise<Omit<History, 'waves'>> {
  const known = records.runs.filter(({ name }) => isRunName(name));
  const runs: SiteRun[] = [];
  const details: SiteRunDetails[] = [];
  const fingerprints: Record<string, SiteMemory['runs'][string]> = {};
  for (const [i, one] of known.entries()) {
    const run = siteRun(one, local);
    const fingerprint = `${drawnBy} ${runFingerprint(run, one)}`;
    const old = memory?.runs[run.name];
    const isDrawn = drawn.has(run.name) && old?.drawn === fingerprint;
    const read = isDrawn || i >= mostPages ? undefined : await runDetails(run, records);
    const moves = read ? read.run.moves : old?.moves;
    if (read) details.push(read);
    runs.push({ ...run, ...(moves && { moves }) });
    if (read || isDrawn) fingerprints[run.name] = { drawn: fingerprint, ...(moves && { moves }) };
  }
  const places = records.places.map(({ place, on, problem }) => {
    return { place: on === 'machine' ? localPlace : place, ...(problem && { problem }) };
  });
  return { runs, places, details, fingerprints };
}
