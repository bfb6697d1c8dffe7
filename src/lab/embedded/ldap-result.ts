/** The result codes of RFC 4511 that the embedded directory gives. */
export const Result = {
  success: 0,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  authMethodNotSupported: 7,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  constraintViolation: 19,
  valueExists: 20,
  invalidSyntax: 21,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  invalidCredentials: 49,
  insufficientAccess: 50,
  unwilling: 53,
  namingViolation: 64,
  objectClassViolation: 65,
  other: 80,
} as const;

/** Ends a request with a result other than success. */
export class Refusal extends Error {
  readonly code: number;
  /** The nearest entry above one that is not there. */
  readonly matchedDn: string;

  constructor(code: number, words = '', matchedDn = '') {
    super(words);
    this.name = 'Refusal';
    this.code = code;
    this.matchedDn = matchedDn;
  }
}
