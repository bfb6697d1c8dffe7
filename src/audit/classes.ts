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
      'CS7 takes it for its own, and it has a calendar on CS6, which answers with old times and takes invitations.',
    remedy: 'See that its events are on CS7, then delete the CS6 calendars (migrated.deleteCs6Calendars).',
  },
  limbo: {
    of: 'accounts',
    means: 'Neither side has it: CS6 has no calendar and refers to CS7, and CS7 refers to CS6.',
    remedy:
      'Put it in a cohort of CS7, or create its calendar on CS6: no server does by itself while autoprovision is off.',
  },
  unknown: {
    of: 'accounts',
    means: 'Whether it has a calendar on CS6 is not known: a host was not read.',
    remedy: 'Mend what keeps the host from being read, and audit again.',
  },
  'wrong-side': {
    of: 'accounts',
    means: 'Its local-user attribute does not put it on the side that its cohort wants.',
    remedy: 'A plan shows the move, and an apply makes it.',
  },
  'wrong-store': {
    of: 'accounts',
    means: 'It is on CS7 as its cohort wants, on another store.',
    remedy: 'Move its data with davadmin or correct the store of the cohort, before an apply changes the attribute.',
  },
  'unknown-store': {
    of: 'accounts',
    means: 'Its local-user attribute names a store that no cohort names: CS7 may not have it.',
    remedy: 'Compare with the back ends of CS7. An apply writes the store of the cohort.',
  },
  'several-stores': {
    of: 'accounts',
    means: 'Its local-user attribute has several values, and which one CS7 takes is not documented.',
    remedy: 'An apply leaves the one of the cohort.',
  },
  'no-unique-id': {
    of: 'accounts',
    means: 'It has no unique id, without which CS7 does not know it.',
    remedy: 'An apply adds it.',
  },
  'nothing-to-copy': {
    of: 'accounts',
    means: 'It has no unique id, and the attribute to copy it from is missing too.',
    remedy: 'Give it a value, or name another attribute in directory.uniqueId.copyFrom.',
  },
  'duplicate-unique-id': {
    of: 'accounts',
    means: 'Another account has the same unique id, whatever the case: CS7 gives both the same data.',
    remedy:
      'Find out whose data CS7 files under it, and give the other account a new one. It is never changed by itself.',
  },
  'no-mail': {
    of: 'accounts',
    means: 'It has no mail address: free/busy and invitations go by address.',
    remedy: 'Give it one in the directory.',
  },
  'duplicate-mail': {
    of: 'accounts',
    means:
      'Another account has the same mail address: CS7 looks accounts up by address, and which one it finds is chance.',
    remedy: 'Leave the address with one of them.',
  },
  'domain-unmapped': {
    of: 'accounts',
    means: 'It is on CS6, and its mail domain is not in domains: CS7 does not know whom to ask about it.',
    remedy: 'Add the domain to domains, with a CS6 front end.',
  },
  'login-open': {
    of: 'accounts',
    means: 'Its cohort denies the CS6 login of migrated accounts, and this one may still log in to CS6.',
    remedy: 'An apply denies it, once CS7 answers for the account.',
  },
  'login-denied-on-cs6': {
    of: 'accounts',
    means: 'It is on CS6, and its login there is denied: the user cannot get at the calendar on either side.',
    remedy: 'Take icsAllowedServiceAccess off the entry, or move the account.',
  },
  'status-overrides': {
    of: 'accounts',
    means:
      'Its CS6 login is denied and icsStatus is set: by the Schema Reference CS6 then does not look at the denial.',
    remedy: 'Try with one account whether it can log in. Do not set icsStatus to inactive: CS7 looks at it too.',
  },
  'virtual-value': {
    of: 'accounts',
    means: 'A class of service makes up a value that is managed here: a change of the entry does not change it.',
    remedy: 'Take the attribute out of the class of service, or make it yield to the entry.',
  },
  'shared-calendar': {
    of: 'accounts',
    means:
      'What CS6 calls the owner of a calendar fits several accounts: whose it is cannot be told, and all count as having it.',
    remedy: 'Compare by hand. Accounts of two domains with one uid need owners with a domain.',
  },
  'orphan-calendar': {
    of: 'calendars',
    means: 'Its owner is no account. CS6 still answers for it.',
    remedy:
      'Delete it with cscal, or give it to somebody. Where the account does exist, its domain has another name on CS6.',
  },
  'ownerless-calendar': {
    of: 'calendars',
    means: 'It has no owner: no deletion by owner ever finds it.',
    remedy: 'Give it an owner with cscal modify, or delete it by its id.',
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
