import { type Account, foldValue, hasClass, sameValue, valuesOf } from '../accounts/account.ts';
import { accountNames, domainOf, namingAttributes } from '../accounts/account-names.ts';
import { type DesiredState, hostsOf, loginAttribute } from '../core/desired.ts';
import type { AuditProblem, AuditState } from '../core/report.ts';
import type { Calendars } from './calendars.ts';

/** What an account is judged by. */
export interface Yardstick {
  readonly state: DesiredState;
  readonly calendars: Pick<Calendars, 'has'>;
  /** Whether the directory makes up a value of the account that `reconcile` would have to write. */
  readonly isVirtual: (dn: string) => boolean;
}

/** An account, judged by itself: what it shares with others is not known yet. */
export interface JudgedAccount {
  readonly dn: string;
  readonly uid: readonly string[];
  readonly mail: readonly string[];
  readonly uniqueIds: readonly string[];
  /** Every form in which CS6 may name it. */
  readonly names: readonly string[];
  readonly cohort: string;
  readonly state: AuditState;
  readonly stores: readonly string[];
  readonly problems: readonly AuditProblem[];
}

/** The value the chapter gives, where no cohort says another. */
const chapterDenial = '-http:all';

/** What of an account has to be read to judge it. */
export function judgedAttributes({ directory }: DesiredState): readonly string[] {
  const { localUser, uniqueId } = directory;
  return [
    ...namingAttributes,
    ...managedAttributes({ directory }),
    localUser.attribute,
    uniqueId.copyFrom,
    'icsStatus',
  ];
}

/** What `reconcile` writes on accounts. */
export function managedAttributes({ directory }: Pick<DesiredState, 'directory'>): readonly string[] {
  return [directory.localUser.attribute, directory.uniqueId.attribute, loginAttribute];
}

/** The stores that the cohorts name, each once. */
export function knownStores({ cohorts }: DesiredState): readonly string[] {
  return [...new Set(cohorts.flatMap(({ store }) => store ?? []))];
}

/** Makes the function that judges an account; pure. */
export function makeJudge(yardstick: Yardstick): (account: Account) => JudgedAccount {
  const { state, calendars } = yardstick;
  const { localUser, uniqueId } = state.directory;
  const facts = stateFacts(state);
  return account => {
    const names = accountNames(account);
    const stores = valuesOf(account, localUser.attribute);
    return {
      dn: account.dn,
      uid: valuesOf(account, 'uid'),
      mail: valuesOf(account, 'mail'),
      uniqueIds: valuesOf(account, uniqueId.attribute),
      names,
      cohort: account.cohort.name,
      state: stateOf(stores.length > 0, calendars.has(names)),
      stores,
      problems: [
        ...sideProblems(account, stores, facts),
        ...identityProblems(account, state),
        ...mailProblems(account, stores, facts),
        ...loginProblems(account, stores, facts),
        ...(yardstick.isVirtual(account.dn) ? (['virtual-value'] as const) : []),
      ],
    };
  };
}

/** The truth table. */
export function stateOf(local: boolean, calendar: boolean | 'unknown'): AuditState {
  if (calendar === 'unknown') return 'unknown';
  if (local) return calendar ? 'split-brain' : 'good-cs7';
  return calendar ? 'good-cs6' : 'limbo';
}

/** What of the wanted state is asked for every account, in the form it is compared in. */
interface StateFacts {
  readonly stores: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
  readonly denials: readonly string[];
}

function stateFacts(state: DesiredState): StateFacts {
  const denials = [...new Set(state.cohorts.flatMap(({ migrated }) => migrated?.denyLogin ?? []))];
  return {
    stores: new Set(knownStores(state).map(foldValue)),
    domains: new Set(hostsOf(state, 'cs7').flatMap(({ domains }) => domains.map(({ domain }) => domain.toLowerCase()))),
    denials: denials.length > 0 ? denials : [chapterDenial],
  };
}

function sideProblems({ store }: Account, stores: readonly string[], facts: StateFacts): readonly AuditProblem[] {
  const known = (value: string) => facts.stores.size === 0 || facts.stores.has(foldValue(value));
  const elsewhere = store !== undefined && stores.length > 0 && !stores.some(value => sameValue(value, store));
  return [
    ...((store === undefined) === (stores.length === 0) ? [] : (['wrong-side'] as const)),
    ...(elsewhere ? (['wrong-store'] as const) : []),
    ...(stores.every(known) ? [] : (['unknown-store'] as const)),
    ...(stores.length > 1 ? (['several-stores'] as const) : []),
  ];
}

function identityProblems(account: Account, { directory: { uniqueId } }: DesiredState): readonly AuditProblem[] {
  if (valuesOf(account, uniqueId.attribute).length > 0) return [];
  return valuesOf(account, uniqueId.copyFrom).length > 0 ? ['no-unique-id'] : ['no-unique-id', 'nothing-to-copy'];
}

/** CS7 asks CS6 about whom has no local-user attribute, by the domain of an address; one that is mapped is enough. */
function mailProblems(account: Account, stores: readonly string[], { domains }: StateFacts): readonly AuditProblem[] {
  const mail = valuesOf(account, 'mail');
  if (mail.length === 0) return ['no-mail'];
  const onCs6 = stores.length === 0 || account.store === undefined;
  return onCs6 && !mail.flatMap(domainOf).some(domain => domains.has(domain)) ? ['domain-unmapped'] : [];
}

/** Only users log in: groups and resources cannot have the attribute (Schema Reference, icsCalendarUser). */
function loginProblems(account: Account, stores: readonly string[], { denials }: StateFacts): readonly AuditProblem[] {
  if (!hasClass(account, 'icsCalendarUser')) return [];
  const values = valuesOf(account, loginAttribute);
  const wanted = account.store === undefined ? undefined : account.cohort.migrated?.denyLogin;
  const open = wanted !== undefined && !values.some(value => sameValue(value, wanted));
  const denied = values.some(value => denials.some(denial => sameValue(value, denial)));
  const onCs6 = stores.length === 0 || account.store === undefined;
  return [
    ...(open ? (['login-open'] as const) : []),
    ...(denied && onCs6 ? (['login-denied-on-cs6'] as const) : []),
    ...(denied && valuesOf(account, 'icsStatus').length > 0 ? (['status-overrides'] as const) : []),
  ];
}
