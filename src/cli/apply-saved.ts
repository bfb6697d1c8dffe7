import { withConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { strayFindings } from '../engine/stray-steps.ts';
import { targetsOf } from '../kinds/registry.ts';
import { boundRefusals } from '../plan/bound-plan.ts';
import { timeRefusals } from '../plan/expiry.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import type { ApplyOptions } from './apply-options.ts';
import { exitCodes } from './exit-code.ts';
import { loadConnections, loadFiles, readFileText } from './files.ts';
import type { Outside } from './outside.ts';
import { checkSignatures } from './signatures.ts';

/** A saved plan, and the wanted state of the files here that it is carried out with. */
interface SavedPlan {
  readonly plan: Plan;
  readonly state: DesiredState;
}

/** Why a saved plan is not carried out. */
interface RefusedPlan {
  readonly estate?: string;
  readonly findings: readonly Finding[];
  readonly exitCode: number;
}

/**
 * Reads a saved plan and the files that it has to be of. A plan says what to change and never how: who wrote it could have
 * named any host, program or file. Signatures come first where the command line names the signers; nothing is connected to.
 */
export async function loadSavedPlan(
  file: string,
  estateFiles: readonly string[],
  options: ApplyOptions,
  outside: Outside,
): Promise<SavedPlan | RefusedPlan> {
  const text = await readFileText(file, outside);
  if (typeof text !== 'string') return failed([text]);
  if (options.only !== undefined && options.only.length > 0) return failed([onlyOnSaved(file)]);
  const { plan, findings } = parsePlanFile(file, text, outside.planSchema);
  if (!plan) return failed(findings);
  const bySigners = options.signers !== undefined;
  const check = (policy: DesiredState['policy'] | Plan['desired']['policy']) =>
    checkSignatures(file, { plan, policy }, options, outside);
  const early = [...documentRefusals(file, plan, outside), ...(bySigners ? await check(plan.desired.policy) : [])];
  if (early.length > 0) return refused(plan, early);
  if (options.connections !== undefined) return connectSigned(plan, options.connections, bySigners, outside);
  const { state, findings: problems } = await loadFiles(estateFiles, outside);
  if (!state) return { ...failed(problems), estate: plan.desired.name };
  const other = boundRefusals(file, plan, state, estateFiles);
  if (other.length > 0) return refused(plan, other);
  const late = [...strayFindings(plan, targetsOf(state)), ...(bySigners ? [] : await check(state.policy))];
  return late.length > 0 ? refused(plan, late) : { plan, state };
}

/** A plan whose wishes are believed because people signed them, and how its targets are reached by a file of this machine. */
async function connectSigned(
  plan: Plan,
  file: string,
  signed: boolean,
  outside: Outside,
): Promise<SavedPlan | RefusedPlan> {
  if (!signed) return refused(plan, [signersNeeded(file)]);
  const { state: local, findings } = await loadConnections(file, outside);
  if (!local) return { ...failed(findings), estate: plan.desired.name };
  const known = new Set([...local.cs6, ...local.cs7].map(({ name }) => name));
  const unknown = [...plan.desired.cs6, ...plan.desired.cs7].map(({ name }) => name).filter(name => !known.has(name));
  if (unknown.length > 0) return refused(plan, [connectionsMissing(file, unknown)]);
  const state = withConnections(plan.desired, local);
  const strays = strayFindings(plan, targetsOf(state));
  return strays.length > 0 ? refused(plan, strays) : { plan, state };
}

function signersNeeded(file: string): Finding {
  const detail = `${file} says how targets are reached, and not what is wanted there. What a plan wants is believed only where people have signed it whom you name: --signers allowed_signers.\nOr name the estate files that the plan was made of: -f FILE.`;
  return {
    severity: 'error',
    code: 'connections.unsigned',
    summary: 'A plan without its estate files has to be signed',
    detail,
  };
}

function connectionsMissing(file: string, names: readonly string[]): Finding {
  const detail = `${file} does not say how these hosts of the plan are reached: ${names.join(', ')}.\nAdd them to it.`;
  return { severity: 'error', code: 'connections.missing', summary: 'Hosts of the plan have no connection', detail };
}

/** What is wrong with the plan as a document. */
function documentRefusals(file: string, plan: Plan, { clock }: Outside): readonly Finding[] {
  return [...timeRefusals(file, plan, clock.now()), ...(plan.direction === 'undo' ? [isUndo(file, plan)] : [])];
}

function failed(findings: readonly Finding[]): RefusedPlan {
  return { findings, exitCode: exitCodes.error };
}

function refused({ desired }: Plan, findings: readonly Finding[]): RefusedPlan {
  return { estate: desired.name, findings, exitCode: exitCodes.refused };
}

function onlyOnSaved(file: string): Finding {
  const detail = `${file} is carried out as it was reviewed, whole.\nMake a narrower plan:`;
  return {
    severity: 'error',
    code: 'cli.only-on-saved-plan',
    summary: '--only does not go with a saved plan',
    detail,
    next: [nextCommands.plan(file)],
  };
}

function isUndo(file: string, { undoes }: Plan): Finding {
  const detail = `${file} is the record of taking a run back. It was made for that moment, from the records of that run.\nTake the run back anew:`;
  return {
    severity: 'error',
    code: 'plan.is-undo',
    summary: 'The plan takes a run back',
    detail,
    where: { file, line: 1 },
    ...(undoes !== undefined && { next: [nextCommands.undo(undoes)] }),
  };
}
