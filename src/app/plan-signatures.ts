import { basename, dirname, join } from 'node:path';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { type Plan, signatureNamespace, signedText } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';
import { type SignatureDemand, signatureRefusals, signersOf } from '../plan/signatures.ts';
import type { WriteContext } from './context.ts';
import { listFolder, reasonOf } from './files.ts';

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

/** Why a saved plan is not signed as it has to be; notes who has signed. */
export async function checkSignatures(
  file: string,
  { plan, policy }: { readonly plan: Plan; readonly policy: AskedSignatures },
  options: SignatureRequest,
  context: SigningContext,
): Promise<readonly Finding[]> {
  const demand = signatureDemand(policy, options);
  if (demand === undefined) return [];
  if ('code' in demand) return [demand];
  const unreadable = await signersUnreadable(demand.signers, context);
  if (unreadable) return [unreadable];
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
  const names = signersOf(signatures).map(({ name }) => name);
  if (refused.length === 0) context.progress.note(`Signed by ${printable(names.join(', '))}.`);
  return refused;
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
    const detail = `${file}: ${reasonOf(error)}.\nIt says whose signatures count; without it none do.`;
    return finding('file.unreadable', { detail });
  }
}

function signersMissing(): Finding {
  const detail =
    'Whose signatures count has to be said where they are asked for: the file that a plan names could have been chosen by the person who made the plan.\nName a file of your own:';
  return finding('cli.signers-missing', { detail, next: [nextCommands.applySigned()] });
}
