import { printableLine } from './printable-line.ts';

const NAMES: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'operationsError',
  2: 'protocolError',
  3: 'timeLimitExceeded',
  4: 'sizeLimitExceeded',
  7: 'authMethodNotSupported',
  8: 'strongerAuthRequired',
  10: 'referral',
  11: 'adminLimitExceeded',
  12: 'unavailableCriticalExtension',
  13: 'confidentialityRequired',
  14: 'saslBindInProgress',
  16: 'noSuchAttribute',
  17: 'undefinedAttributeType',
  18: 'inappropriateMatching',
  19: 'constraintViolation',
  20: 'attributeOrValueExists',
  21: 'invalidAttributeSyntax',
  32: 'noSuchObject',
  33: 'aliasProblem',
  34: 'invalidDNSyntax',
  36: 'aliasDereferencingProblem',
  48: 'inappropriateAuthentication',
  49: 'invalidCredentials',
  50: 'insufficientAccessRights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  54: 'loopDetect',
  64: 'namingViolation',
  65: 'objectClassViolation',
  66: 'notAllowedOnNonLeaf',
  67: 'notAllowedOnRDN',
  68: 'entryAlreadyExists',
  69: 'objectClassModsProhibited',
  71: 'affectsMultipleDSAs',
  80: 'other',
  122: 'assertionFailed',
};

/** The result codes of RFC 4511 that decisions hang on. */
export const ResultCode = {
  success: 0,
  timeLimit: 3,
  sizeLimit: 4,
  strongerAuth: 8,
  referral: 10,
  adminLimit: 11,
  noSuchAttribute: 16,
  constraintViolation: 19,
  valueExists: 20,
  noSuchObject: 32,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccess: 50,
  busy: 51,
  unavailable: 52,
  unwilling: 53,
  objectClassViolation: 65,
  assertionFailed: 122,
} as const;

/** More servers than that help nobody. */
const MOST_URLS = 5;

/** The part of every answer that says how it went. */
export interface ResultWords {
  readonly status: number;
  readonly errorMessage: string;
  readonly parts?: { readonly urls: readonly string[] };
}

/** `result 4 sizeLimitExceeded`, with the server's own words behind it where it has some, and where it refers to. */
export function resultWords({ status, errorMessage, parts }: ResultWords): string {
  const words = errorMessage === '' ? '' : `: ${printableLine(errorMessage)}`;
  const urls = (parts?.urls ?? []).slice(0, MOST_URLS).map(printableLine);
  const refers = urls.length === 0 ? '' : `, it refers to ${urls.join(' and ')}`;
  return `result ${status} ${NAMES[status] ?? 'unknown'}${words}${refers}`;
}
