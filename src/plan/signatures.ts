import type { Finding } from '../core/finding.ts';
import { nextCommands, shellWord } from '../core/next-command.ts';
import { type SignatureAnswer, signatureNamespace } from '../core/plan.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';

/** How many different signers it takes, and the file that says who they are. */
export interface SignatureDemand {
  readonly required: number;
  readonly signers: string;
}

/** A signature and what became of its check. */
export interface CheckedSignature {
  readonly file: string;
  readonly answer: SignatureAnswer;
}

/** Somebody who has signed. */
export interface Signer {
  readonly name: string;
  readonly file: string;
}

/**
 * Who has signed, each once: a signature counts when neither its key nor any name of its signer was counted before. Two keys
 * of one person are one signer, and so are two names of one key.
 */
export function signersOf(signatures: readonly CheckedSignature[]): readonly Signer[] {
  const counted = new Set<string>();
  return signatures.flatMap(({ file, answer }): readonly Signer[] => {
    if (answer.state !== 'good') return [];
    const identities = [`key ${answer.key}`, ...answer.principals.map(name => `name ${name}`)];
    const seen = identities.some(identity => counted.has(identity));
    for (const identity of identities) counted.add(identity);
    return seen ? [] : [{ name: answer.principals[0] ?? '', file }];
  });
}

/** Why the signatures do not do: those that are wrong, and too few that are right. */
export function signatureRefusals(
  plan: string,
  { required, signers }: SignatureDemand,
  signatures: readonly CheckedSignature[],
): readonly Finding[] {
  const wrong = signatures.flatMap(({ file, answer }) => {
    if (answer.state === 'good') return [];
    return answer.state === 'bad' ? [bad(plan, file, answer.reason, signers)] : [unchecked(file, answer.reason)];
  });
  if (wrong.length > 0) return wrong;
  const signed = signersOf(signatures);
  return signed.length >= required ? [] : [tooFew(plan, required, signers, signed)];
}

/** The command that signs a plan; the digest stands in a file beside it. */
export function signCommand(plan: string): string {
  return `ssh-keygen -Y sign -n ${signatureNamespace} -f ~/.ssh/id_ed25519 < ${shellWord(digestFile(plan))} > ${shellWord(plan)}.$USER.sig`;
}

/** Where the digest of a saved plan is written for those who sign it. */
export function digestFile(plan: string): string {
  return `${plan}.digest`;
}

/** Files of an estate are not what was signed. */
export function needsSignatures(required: number, where: Finding['where']): Finding {
  const detail = `${required === 1 ? 'Somebody has' : `${required} signers have`} to sign what is carried out here, and nobody can sign what is not saved.\nSave a plan, have it signed, and apply that:`;
  return finding('plan.needs-signatures', { detail, next: [nextCommands.plan('./plan.json')], where });
}

function bad(plan: string, file: string, reason: string, signers: string): Finding {
  return finding('plan.signature-bad', {
    detail: `${file}: ${reason}\nIt is for another plan, from a person whom ${signers} does not allow at this time, or damaged. Sign ${plan} again, or remove the file.`,
    where: { file, line: 1 },
  });
}

function unchecked(file: string, reason: string): Finding {
  return finding('plan.signature-unchecked', {
    detail: `${file}: ${reason}\nAn unchecked signature does not count. Apply the plan on a machine with OpenSSH 8.7 or later.`,
  });
}

function tooFew(plan: string, required: number, signers: string, signed: readonly Signer[]): Finding {
  const who = signed.map(({ name, file }) => `${name} (${file})`).join(', ');
  const detail =
    `${signed.length} of ${count(required, 'signer has', 'signers have')} signed ${plan}${who === '' ? '' : `: ${who}`}.\n` +
    `Everyone in ${signers} can sign it:\n    ${signCommand(plan)}`;
  return finding('plan.signatures-missing', { detail, where: { file: plan, line: 1 } });
}
