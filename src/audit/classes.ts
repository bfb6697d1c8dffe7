import type { AuditClass, AuditProblem, AuditState } from '../core/report.ts';
import type { Counter } from './tally.ts';

/** The classes of the truth table. */
export const auditStates: readonly AuditState[] = ['good-cs6', 'good-cs7', 'split-brain', 'limbo', 'unknown'];

interface Explanation {
  readonly of: AuditClass['of'];
  /** Whom it is about and why it matters. */
  readonly means: string;
  readonly remedy: string;
}

type BadState = Exclude<AuditState, 'good-cs6' | 'good-cs7'>;

/** What is not good, the worst first. */
const explanations: Readonly<Record<BadState | AuditProblem, Explanation>> = {
  'split-brain': {
    of: 'accounts',
    means:
      'CS7 treats it as its own, but it also has a calendar on CS6, which answers with old times and keeps invitations.',
    remedy: 'Check that its events are on CS7, then delete the CS6 calendars (migrated.deleteCs6Calendars).',
  },
  limbo: {
    of: 'accounts',
    means: 'Neither side has it: CS6 has no calendar and refers to CS7, and CS7 refers to CS6.',
    remedy:
      'Add it to a cohort of CS7, or create its calendar on CS6. No server creates one while autoprovision is off.',
  },
  unknown: {
    of: 'accounts',
    means: 'It is not known whether it has a calendar on CS6, because a host was not read.',
    remedy: 'Fix the problem that keeps the host from being read, and audit again.',
  },
  'wrong-side': {
    of: 'accounts',
    means: 'Its local-user attribute does not put it on the side that its cohort wants.',
    remedy: 'A plan shows the move, and an apply makes it.',
  },
  'wrong-store': {
    of: 'accounts',
    means: 'It is on CS7 as its cohort wants, but on another store.',
    remedy: 'Move its data with davadmin or correct the store of the cohort, before an apply changes the attribute.',
  },
  'unknown-store': {
    of: 'accounts',
    means: 'Its local-user attribute names a store that no cohort names. CS7 may not have that store.',
    remedy: 'Compare with the back ends of CS7. An apply writes the store of the cohort.',
  },
  'several-stores': {
    of: 'accounts',
    means: 'Its local-user attribute has several values, and it is not documented which one CS7 uses.',
    remedy: 'An apply leaves the one of the cohort.',
  },
  'no-unique-id': {
    of: 'accounts',
    means: 'It has no unique id, so CS7 cannot identify it.',
    remedy: 'An apply adds it.',
  },
  'nothing-to-copy': {
    of: 'accounts',
    means: 'It has no unique id, and the attribute to copy it from is missing too.',
    remedy: 'Set a value, or set directory.uniqueId.copyFrom to another attribute.',
  },
  'duplicate-unique-id': {
    of: 'accounts',
    means: 'Another account has the same unique id, apart from case. Both have the same data on CS7.',
    remedy:
      'Find out whose data CS7 stores under it, and set a new value on the other account. reconcile never changes it.',
  },
  'no-mail': {
    of: 'accounts',
    means: 'It has no mail address, which free/busy and invitations need.',
    remedy: 'Add one in the directory.',
  },
  'duplicate-mail': {
    of: 'accounts',
    means: 'Another account has the same mail address. CS7 looks up accounts by address and may find either.',
    remedy: 'Keep the address on only one of them.',
  },
  'domain-unmapped': {
    of: 'accounts',
    means: 'It is on CS6, but its mail domain is not in domains. CS7 does not know which server to ask about it.',
    remedy: 'Add the domain to domains, with a CS6 front end.',
  },
  'login-open': {
    of: 'accounts',
    means: 'Its cohort denies the CS6 login of migrated accounts, but this account may still log in to CS6.',
    remedy: 'An apply denies it, once CS7 answers for the account.',
  },
  'login-denied-on-cs6': {
    of: 'accounts',
    means: 'It is on CS6, but its login there is denied. The user cannot reach a calendar on either side.',
    remedy: 'Remove icsAllowedServiceAccess from the entry, or move the account.',
  },
  'status-overrides': {
    of: 'accounts',
    means:
      'Its CS6 login is denied, but icsStatus is set. According to the Schema Reference, CS6 then ignores the denial.',
    remedy: 'Test with one account whether it can log in. Do not set icsStatus to inactive: CS7 reads it too.',
  },
  'virtual-value': {
    of: 'accounts',
    means: 'A class of service computes a value that is managed here, so changing the entry has no effect.',
    remedy: 'Remove the attribute from the class of service, or let the value of the entry win.',
  },
  'shared-calendar': {
    of: 'accounts',
    means: 'The owner of a calendar on CS6 matches several accounts. All of them count as having the calendar.',
    remedy: 'Compare by hand. If accounts of two domains share a uid, their owners need a domain.',
  },
  'orphan-calendar': {
    of: 'calendars',
    means: 'Its owner is not an account. CS6 still answers for it.',
    remedy:
      'Delete it with cscal, or set another owner. If the account does exist, its domain has another name on CS6.',
  },
  'ownerless-calendar': {
    of: 'calendars',
    means: 'It has no owner, so no deletion by owner finds it.',
    remedy: 'Set an owner with cscal modify, or delete it by its id.',
  },
};

/** The names of all classes that are not good, the worst first. */
export const badClasses = Object.keys(explanations).filter(isBadClass);

/** The classes that somebody is in; each is counted by one of `counters`. */
export function describeClasses(counters: readonly Counter[]): readonly AuditClass[] {
  return badClasses.flatMap(name => {
    const counted = counters.map(counter => counter.get(name)).find(({ count }) => count > 0);
    const { of, means, remedy } = explanations[name];
    return counted ? [{ name, of, ...counted, means, remedy }] : [];
  });
}

function isBadClass(name: string): name is BadState | AuditProblem {
  return Object.hasOwn(explanations, name);
}
