/** What a signature of a plan is made for, so that one made for something else never counts here. */
export const signatureNamespace = 'reconcile-plan';

/** What is signed: the digest of the plan, as a line. */
export function signedText(digest: string): string {
  return `${digest}\n`;
}

/** A detached signature, what it is said to be over, and who may have made it. */
export interface SignatureQuestion {
  /** Path of the signature. */
  readonly file: string;
  /** Path of an OpenSSH allowed_signers file. */
  readonly signers: string;
  readonly text: string;
  readonly namespace: string;
  /** The time the keys of the signers have to be valid at, ISO 8601. */
  readonly at: string;
}

/** What became of a check. */
export type SignatureAnswer =
  /** The names of the signer in the file of signers, and the fingerprint of the key. */
  | { readonly state: 'good'; readonly principals: readonly string[]; readonly key: string }
  | { readonly state: 'bad'; readonly reason: string }
  /** It could not be checked, which says nothing about the signature. */
  | { readonly state: 'unchecked'; readonly reason: string };

/** Checks one signature. */
export type CheckSignature = (question: SignatureQuestion) => Promise<SignatureAnswer>;
