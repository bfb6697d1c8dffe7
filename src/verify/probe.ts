import { isInWave, valuesOf } from '../accounts/account.ts';
import { accountNames, namingAttributes } from '../accounts/account-names.ts';
import type { DesiredCohort, DesiredState } from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import type { Side, VerifiedProbe } from '../core/verification.ts';
import type { DirectoryEntry } from '../ports/directory.ts';

/** An account that is asked about, with what its entry says. */
export interface Probe extends VerifiedProbe {
  /** It has the local-user attribute: CS7 takes it for its own. */
  readonly local: boolean;
  readonly hasId: boolean;
  /** What it may be called as the owner of a calendar on CS6. */
  readonly names: readonly string[];
  /** Its cohort has it on CS7: it is on its way there where it has no local-user attribute yet. */
  readonly moves: boolean;
  /** The line that decides which side it is on. */
  readonly source?: SourcePosition;
}

/** What has to be read of an account's entry. */
export function probeAttributes({ directory }: DesiredState): readonly string[] {
  return [...namingAttributes, directory.localUser.attribute, directory.uniqueId.attribute];
}

/** An entry as a probe. */
export function probeOf(
  { directory }: DesiredState,
  entry: DirectoryEntry,
  about: { readonly mail: string; readonly side?: Side; readonly chosen: string; readonly cohort?: DesiredCohort },
): Probe {
  const local = valuesOf(entry, directory.localUser.attribute).length > 0;
  return {
    side: about.side ?? (local ? 'cs7' : 'cs6'),
    mail: about.mail,
    dn: entry.dn,
    chosen: about.chosen,
    local,
    moves: about.cohort !== undefined && sideOf(about.cohort, entry.dn) === 'cs7',
    hasId: valuesOf(entry, directory.uniqueId.attribute).length > 0,
    names: accountNames(entry),
    ...(about.cohort && { source: about.cohort.source }),
  };
}

/** The side that a cohort has one of its accounts on today. */
export function sideOf({ store, share }: DesiredCohort, dn: string): Side {
  return store !== undefined && (share === undefined || isInWave(dn, share)) ? 'cs7' : 'cs6';
}

/** The domain of a mail address, as the domain map has it. */
export function domainOf(mail: string): string {
  return mail.slice(mail.lastIndexOf('@') + 1).toLowerCase();
}
