/** How an attribute's values are compared (RFC 4517). */
export interface MatchingRule {
  /** Its first name, by which entries keep it. */
  readonly name: string;
  /** Whether there is a rule for `*` inside a value, and one for less and greater. */
  readonly substrings: boolean;
  readonly ordered: boolean;
  /** Two values are equal when this makes the same of them. */
  normalize(value: string): string;
}

/** As most values are compared: without regard to case, a run of blanks as one. */
export function ignoreCase(value: string): string {
  return collapse(value).toLowerCase();
}

/** The same with regard to case. */
export function collapse(value: string): string {
  return / {2}|^ | $/.test(value) ? value.trim().replace(/ {2,}/g, ' ') : value;
}
