import { basename, dirname, join } from 'node:path';
import { withConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { isNarrowed, type Narrowing, type Plan, signatureNamespace, signedText } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { strayFindings } from '../engine/stray-steps.ts';
import { finding } from '../findings/catalogue.ts';
import { targetsOf } from '../kinds/registry.ts';
import { timeRefusals } from '../plan/build.ts';
import { boundRefusals, readPlanFile } from '../plan/plan-file.ts';
import { type SignatureDemand, signatureRefusals, signersOf } from '../plan/signatures.ts';
import { type Failure, failure, refusal, type WriteContext } from './context.ts';
import { listFolder, readInPieces, reasonOf } from './files.ts';
import { loadConnections, loadFiles } from './load-estate.ts';

/** The files that a saved plan has to be of, and whose signatures it needs. */
export interface SavedPlanRequest extends SignatureRequest, Narrowing {
  readonly files: readonly string[];
  /** A file that says how targets are reached, where the estate files of a signed plan are not at hand. */
  readonly connections?: string;
}

/** A saved plan, and the wanted state of the files here that it is applied with. */
interface SavedPlan {
  readonly plan: Plan;
  readonly state: DesiredState;
  /** The names of those who have signed it, where signatures were asked for. */
  readonly signers: readonly string[];
  /** How targets are reached, also hosts that the plan does not know: they may keep records. */
  readonly reachable: DesiredState;
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
  const read = await readInPieces(file, context.files, pieces => readPlanFile(file, pieces, context.schemas.plan));
  if ('code' in read) return failure([read]);
  if (isNarrowed(request)) return failure([onlyOnSaved(file)]);
  const { plan, findings } = read;
  if (!plan) return failure(findings);
  const estate = plan.desired.name;
  const bySigners = request.signers !== undefined;
  const check = (policy: DesiredState['policy'] | Plan['desired']['policy']) =>
    checkSignatures(file, { plan, policy }, request, context);
  const first = bySigners ? await check(plan.desired.policy) : unsigned;
  const early = [...documentRefusals(file, plan, context), ...first.refused];
  if (early.length > 0) return refusal(early, estate);
  if (request.connections !== undefined) {
    const connected = await connectSigned(plan, request.connections, bySigners, context);
    return 'failed' in connected ? connected : { ...connected, signers: first.signers };
  }
  const { state, findings: problems } = await loadFiles(request.files, context);
  if (!state) return failure(problems, estate);
  const other = boundRefusals(file, plan, state, request.files);
  if (other.length > 0) return refusal(other, estate);
  const signed = bySigners ? first : await check(state.policy);
  const late = [...strayFindings(plan, targetsOf(state)), ...(bySigners ? [] : signed.refused)];
  return late.length > 0 ? refusal(late, estate) : { plan, state, signers: signed.signers, reachable: state };
}

/** A plan whose wishes are believed because people signed them, and how its targets are reached by a file of this machine. */
async function connectSigned(
  plan: Plan,
  file: string,
  signed: boolean,
  context: WriteContext,
): Promise<Omit<SavedPlan, 'signers'> | Failure> {
  const estate = plan.desired.name;
  if (!signed) return refusal([signersNeeded(file)], estate);
  const { state: local, findings } = await loadConnections(file, context);
  if (!local) return failure(findings, estate);
  const known = new Set(local.hosts.map(({ name }) => name));
  const unknown = plan.desired.hosts.map(({ name }) => name).filter(name => !known.has(name));
  if (unknown.length > 0) return refusal([connectionsMissing(file, unknown)], estate);
  const state = withConnections(plan.desired, local);
  const strays = strayFindings(plan, targetsOf(state));
  return strays.length > 0 ? refusal(strays, estate) : { plan, state, reachable: local };
}

function signersNeeded(file: string): Finding {
  const detail = `${file} says how to reach targets, but not their wanted state. So a plan is accepted only if people whom you name have signed it: --signers allowed_signers.\nOr name the estate files that the plan was made from: -f FILE.`;
  return finding('connections.unsigned', { detail });
}

function connectionsMissing(file: string, names: readonly string[]): Finding {
  const detail = `${file} does not say how to reach these hosts of the plan: ${names.join(', ')}.\nAdd them.`;
  return finding('connections.missing', { detail });
}

/** What is wrong with the plan as a document. */
function documentRefusals(file: string, plan: Plan, { clock }: WriteContext): readonly Finding[] {
  return [
    ...timeRefusals(file, plan, clock.now()),
    ...(plan.direction === 'undo' ? [isUndo(file, plan)] : []),
    ...(plan.at === undefined ? [] : [forAnotherTime(file, plan.at)]),
  ];
}

function onlyOnSaved(file: string): Finding {
  const detail = `${file} is applied whole, as it was reviewed.\nMake a smaller plan:`;
  return finding('cli.only-on-saved-plan', { detail, next: [nextCommands.plan(file)] });
}

function forAnotherTime(file: string, at: string): Finding {
  return finding('plan.at-not-for-apply', {
    detail: `${file} was made with --at, for ${at}.\nMake a plan for now:`,
    where: { file, line: 1 },
    next: [nextCommands.plan(file)],
  });
}

function isUndo(file: string, { undoes }: Plan): Finding {
  const detail = `${file} is the record of an undo. It was made for that moment, from the records of that run.\nUndo the run again:`;
  return finding('plan.is-undo', {
    detail,
    where: { file, line: 1 },
    next: undoes === undefined ? undefined : [nextCommands.undo(undoes)],
  });
}

/** What is asked of the signatures of a plan. */
export interface SignatureRequest {
  /** Files with signatures, instead of those beside the plan. */
  readonly signature?: readonly string[];
  /** Counts instead of the file that the plan names, which whoever makes a plan can choose. */
  readonly signers?: string;
  readonly requireSignatures?: number;
}

type SigningContext = Pick<WriteContext, 'files' | 'clock' | 'checkSignature' | 'progress'>;

/** What a policy asks for; a plan knows how many must have signed it, and not who may. */
interface AskedSignatures {
  readonly signatures?: { readonly required: number; readonly signers?: string };
}

/** What is asked of a plan: the larger number of policy and command line. Nothing where neither asks. */
export function signatureDemand(
  policy: AskedSignatures,
  { signature, signers, requireSignatures }: SignatureRequest,
): SignatureDemand | Finding | undefined {
  const { signatures } = policy;
  const asked = [signature, signers, requireSignatures].some(option => option !== undefined);
  if (signatures === undefined && !asked) return undefined;
  const file = signers ?? (requireSignatures === undefined ? signatures?.signers : undefined);
  if (file === undefined) return signersMissing();
  return { required: Math.max(1, signatures?.required ?? 1, requireSignatures ?? 1), signers: file };
}

/** Who has signed a plan, and why that does not do. */
interface SignatureCheck {
  readonly refused: readonly Finding[];
  readonly signers: readonly string[];
}

const unsigned: SignatureCheck = { refused: [], signers: [] };

/** Whether a saved plan is signed as it has to be; notes who has signed. */
async function checkSignatures(
  file: string,
  { plan, policy }: { readonly plan: Plan; readonly policy: AskedSignatures },
  options: SignatureRequest,
  context: SigningContext,
): Promise<SignatureCheck> {
  const demand = signatureDemand(policy, options);
  if (demand === undefined) return unsigned;
  if ('code' in demand) return { refused: [demand], signers: [] };
  const unreadable = await signersUnreadable(demand.signers, context);
  if (unreadable) return { refused: [unreadable], signers: [] };
  const question = {
    signers: demand.signers,
    text: signedText(plan.digest),
    namespace: signatureNamespace,
    at: context.clock.now(),
  };
  const files = [...new Set(options.signature ?? (await signaturesBeside(file, context)))].sort();
  const signatures = [];
  for (const one of files)
    signatures.push({ file: one, answer: await context.checkSignature({ ...question, file: one }) });
  const refused = signatureRefusals(file, demand, signatures);
  const signers = signersOf(signatures).map(({ name }) => name);
  if (refused.length === 0) context.progress.note(`Signed by ${printable(signers.join(', '))}.`);
  return { refused, signers };
}

/** `plan.json.sig` and every `plan.json.….sig`. */
async function signaturesBeside(file: string, { files }: SigningContext): Promise<readonly string[]> {
  const folder = dirname(file);
  const begin = `${basename(file)}.`;
  const names = await listFolder(folder, files);
  return names
    .filter(name => name === `${begin}sig` || (name.startsWith(begin) && name.endsWith('.sig')))
    .map(name => join(folder, name));
}

async function signersUnreadable(file: string, { files }: SigningContext): Promise<Finding | undefined> {
  try {
    await files.read(file, 1);
    return undefined;
  } catch (error) {
    const detail = `${file}: ${reasonOf(error)}.\nThis file says whose signatures count. Without it, none count.`;
    return finding('file.unreadable', { detail });
  }
}

function signersMissing(): Finding {
  const detail =
    'If you require signatures, you must say whose signatures count. The person who made the plan could have chosen the file that it names.\nName your own file:';
  return finding('cli.signers-missing', { detail, next: [nextCommands.applySigned()] });
}
