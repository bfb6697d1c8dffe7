import type { Finding, Severity } from '../core/finding.ts';
import { accounts } from './accounts-codes.ts';
import { cs6, cs7 } from './calendar-servers-codes.ts';
import { commandLine } from './command-line-codes.ts';
import { directory } from './directory-codes.ts';
import { estateCoexistence } from './estate-coexistence-codes.ts';
import { estateForm } from './estate-form-codes.ts';
import { estateMembers } from './estate-members-codes.ts';
import { estateRules } from './estate-rules-codes.ts';
import { estateSource } from './estate-source-codes.ts';
import type { FindingEntry } from './finding-entry.ts';
import { examination, hostAnswers } from './host-answers-codes.ts';
import { hostConnection, hostLocks } from './host-connection-codes.ts';
import { importing } from './import-codes.ts';
import { plan } from './plan-codes.ts';
import { records } from './records-codes.ts';
import { revisions } from './revisions-codes.ts';
import { drift, run } from './run-codes.ts';
import { savedPlan } from './saved-plan-codes.ts';
import { snapshot } from './snapshot-codes.ts';
import { verify } from './verify-codes.ts';

/** Every finding there is, by its code, in the order of the work: the file first, then the estate. */
export const catalogue = {
  ...estateSource,
  ...estateForm,
  ...estateRules,
  ...estateMembers,
  ...estateCoexistence,
  ...revisions,
  ...commandLine,
  ...importing,
  ...plan,
  ...savedPlan,
  ...snapshot,
  ...run,
  ...records,
  ...hostConnection,
  ...hostAnswers,
  ...hostLocks,
  ...examination,
  ...directory,
  ...cs6,
  ...cs7,
  ...accounts,
  ...drift,
  ...verify,
};

type Catalogue = typeof catalogue;

/** The code of a finding; a code without an entry does not compile. */
export type FindingCode = keyof Catalogue;

/** What one finding adds to the entry of its code. */
export interface FindingParts {
  readonly detail: string;
  readonly where?: Finding['where'] | undefined;
  readonly about?: Finding['about'] | undefined;
  readonly target?: Finding['target'] | undefined;
  readonly next?: Finding['next'] | undefined;
}

/** The severity has to be given where the entry of the code leaves several to choose from, and only there. */
type SeverityOf<Code extends FindingCode> = Catalogue[Code]['severity'] extends Severity
  ? { readonly severity?: undefined }
  : { readonly severity: Extract<Catalogue[Code]['severity'], readonly Severity[]>[number] };

/** A finding: severity and summary are those of its code. */
export function finding<Code extends FindingCode>(code: Code, parts: FindingParts & SeverityOf<Code>): Finding {
  const entry: FindingEntry = catalogue[code];
  const [usual = 'error'] = [entry.severity].flat();
  const { detail, where, about, target } = parts;
  const next = [...(parts.next ?? []), ...(entry.next && target !== undefined ? [entry.next(target)] : [])];
  return {
    severity: parts.severity ?? usual,
    code,
    summary: entry.summary,
    detail,
    ...(entry.open && { open: entry.open }),
    ...(where && { where }),
    ...(about && { about }),
    ...(target !== undefined && { target }),
    ...(next.length > 0 && { next }),
  };
}

/** Whether a finding has one of these codes. */
export function hasCode({ code }: Pick<Finding, 'code'>, ...codes: readonly FindingCode[]): boolean {
  return codes.some(one => one === code);
}
