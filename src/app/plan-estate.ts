import { planExitCode } from '../core/exit-code.ts';
import type { Finding } from '../core/finding.ts';
import { type Plan, signedText } from '../core/plan.ts';
import type { PlanReport } from '../core/report.ts';
import { finding } from '../findings/catalogue.ts';
import { refusals } from '../plan/guards.ts';
import { renderPlanFile } from '../plan/plan-file.ts';
import { digestFile } from '../plan/signatures.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import type { ReadContext } from './context.ts';
import { type BaseRequest, loadEarlier } from './earlier-states.ts';
import { type Failure, failure } from './failure.ts';
import { writeFileText, writePrivateFile } from './files.ts';
import { makePlan } from './make-plan.ts';
import { withEstate } from './open-estate.ts';
import { notForApply, openSource, type SourceRequest } from './plan-source.ts';
import { planWithOrigins } from './plan-with-origins.ts';
import { loadTrusted, type TrustRequest } from './trusted-connections.ts';

/** What is to be planned, and from what. */
export interface PlanRequest extends BaseRequest, SourceRequest, TrustRequest {
  readonly files: readonly string[];
  readonly only?: readonly string[];
  /** The file that the plan is to be saved in for an apply. */
  readonly saveTo?: string | undefined;
}

/** What a plan is reported with, whichever command asked for it. */
export type PlannedFacts = Omit<Exclude<PlanReport, { readonly command: 'apply' | 'undo' }>, 'command'>;

/** Reads the estate, or a snapshot of it, and says what differs; changes nothing. */
export async function planEstate(request: PlanRequest, context: ReadContext): Promise<PlannedFacts | Failure> {
  const { files, only, live, saveTo } = request;
  if (saveTo !== undefined && live !== undefined) return failure([notForApply(live, saveTo)]);
  const source = await openSource(request, context);
  if ('code' in source) return failure([source]);
  const { trust, ...loaded } = await loadTrusted(files, request, context);
  // A snapshot is a file: nothing is contacted.
  const trusting = trust && live === undefined ? { trust } : {};
  const told = loaded.state ? await loadEarlier(files, request, loaded.state, context) : { warnings: [] };
  if ('code' in told) return failure([told], loaded.state?.name);
  return withEstate(source.open, { ...loaded, ...trusting }, only, async ({ state, connection, warnings }) => {
    const wanted = { state, warnings: [...warnings, ...told.warnings] };
    const make = () => makePlan(wanted, request, connection.ports, { ...context, clock: source.clock });
    const { plan, ...origins } = await planWithOrigins(make, told.earlier, state, connection.ports);
    return { exitCode: planExitCode(plan), plan, refusals: refusals(plan), ...origins, ...source.report };
  });
}

/** What became of a plan that was to be saved. */
export type SavedAs = { readonly file: string } | { readonly unsaved: Finding };

/**
 * Saves a plan for an apply, with its digest for those who sign it where the policy asks for signatures. One that an apply would
 * refuse is not saved: an older plan in that file stays.
 */
export async function savePlan(file: string, plan: Plan, files: LocalFiles): Promise<SavedAs> {
  if (plan.unread.length > 0) return { unsaved: notSaved(file, plan) };
  const unsaved = await writePlan(file, plan, files);
  return unsaved ? { unsaved } : { file };
}

async function writePlan(file: string, plan: Plan, files: LocalFiles): Promise<Finding | undefined> {
  const unsaved = await writePrivateFile(file, renderPlanFile(plan), files);
  if (unsaved || !plan.desired.policy.signatures) return unsaved;
  return writeFileText(digestFile(file), signedText(plan.digest), files);
}

function notSaved(file: string, { unread }: Plan): Finding {
  const detail = `${file} was not written: ${unread.join(', ')} could not be read, and apply would refuse such a plan.\nIf the file exists, it is an older plan.`;
  return finding('plan.not-saved', { detail });
}
