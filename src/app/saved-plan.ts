import { withConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { strayFindings } from '../engine/stray-steps.ts';
import { finding } from '../findings/catalogue.ts';
import { targetsOf } from '../kinds/registry.ts';
import { boundRefusals } from '../plan/bound-plan.ts';
import { timeRefusals } from '../plan/expiry.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import type { WriteContext } from './context.ts';
import { type Failure, failure, refusal } from './failure.ts';
import { readFileText } from './files.ts';
import { loadConnections, loadFiles } from './load-estate.ts';
import { checkSignatures, type SignatureRequest } from './plan-signatures.ts';

/** The files that a saved plan has to be of, and whose signatures it needs. */
export interface SavedPlanRequest extends SignatureRequest {
  readonly files: readonly string[];
  readonly only?: readonly string[];
  /** A file that says how targets are reached, where the estate files of a signed plan are not at hand. */
  readonly connections?: string;
}

/** A saved plan, and the wanted state of the files here that it is applied with. */
interface SavedPlan {
  readonly plan: Plan;
  readonly state: DesiredState;
}

/**
 * Reads a saved plan and the files that it has to be of. A plan says what to change and never how: who wrote it could have
 * named any host, program or file. Signatures come first where the request names the signers; nothing is connected to.
 */
export async function loadSavedPlan(
  file: string,
  request: SavedPlanRequest,
  context: WriteContext,
): Promise<SavedPlan | Failure> {
  const text = await readFileText(file, context.files);
  if (typeof text !== 'string') return failure([text]);
  if (request.only !== undefined && request.only.length > 0) return failure([onlyOnSaved(file)]);
  const { plan, findings } = parsePlanFile(file, text, context.schemas.plan);
  if (!plan) return failure(findings);
  const estate = plan.desired.name;
  const bySigners = request.signers !== undefined;
  const check = (policy: DesiredState['policy'] | Plan['desired']['policy']) =>
    checkSignatures(file, { plan, policy }, request, context);
  const early = [...documentRefusals(file, plan, context), ...(bySigners ? await check(plan.desired.policy) : [])];
  if (early.length > 0) return refusal(early, estate);
  if (request.connections !== undefined) return connectSigned(plan, request.connections, bySigners, context);
  const { state, findings: problems } = await loadFiles(request.files, context);
  if (!state) return failure(problems, estate);
  const other = boundRefusals(file, plan, state, request.files);
  if (other.length > 0) return refusal(other, estate);
  const late = [...strayFindings(plan, targetsOf(state)), ...(bySigners ? [] : await check(state.policy))];
  return late.length > 0 ? refusal(late, estate) : { plan, state };
}

/** A plan whose wishes are believed because people signed them, and how its targets are reached by a file of this machine. */
async function connectSigned(
  plan: Plan,
  file: string,
  signed: boolean,
  context: WriteContext,
): Promise<SavedPlan | Failure> {
  const estate = plan.desired.name;
  if (!signed) return refusal([signersNeeded(file)], estate);
  const { state: local, findings } = await loadConnections(file, context);
  if (!local) return failure(findings, estate);
  const known = new Set([...local.cs6, ...local.cs7].map(({ name }) => name));
  const unknown = [...plan.desired.cs6, ...plan.desired.cs7].map(({ name }) => name).filter(name => !known.has(name));
  if (unknown.length > 0) return refusal([connectionsMissing(file, unknown)], estate);
  const state = withConnections(plan.desired, local);
  const strays = strayFindings(plan, targetsOf(state));
  return strays.length > 0 ? refusal(strays, estate) : { plan, state };
}

function signersNeeded(file: string): Finding {
  const detail = `${file} says how targets are reached, and not what is wanted there. What a plan wants is believed only where people have signed it whom you name: --signers allowed_signers.\nOr name the estate files that the plan was made of: -f FILE.`;
  return finding('connections.unsigned', { detail });
}

function connectionsMissing(file: string, names: readonly string[]): Finding {
  const detail = `${file} does not say how these hosts of the plan are reached: ${names.join(', ')}.\nAdd them to it.`;
  return finding('connections.missing', { detail });
}

/** What is wrong with the plan as a document. */
function documentRefusals(file: string, plan: Plan, { clock }: WriteContext): readonly Finding[] {
  return [...timeRefusals(file, plan, clock.now()), ...(plan.direction === 'undo' ? [isUndo(file, plan)] : [])];
}

function onlyOnSaved(file: string): Finding {
  const detail = `${file} is carried out as it was reviewed, whole.\nMake a narrower plan:`;
  return finding('cli.only-on-saved-plan', { detail, next: [nextCommands.plan(file)] });
}

function isUndo(file: string, { undoes }: Plan): Finding {
  const detail = `${file} is the record of taking a run back. It was made for that moment, from the records of that run.\nTake the run back anew:`;
  return finding('plan.is-undo', {
    detail,
    where: { file, line: 1 },
    next: undoes === undefined ? undefined : [nextCommands.undo(undoes)],
  });
}
