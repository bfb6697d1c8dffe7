import type { AuditProblem } from '../core/report.ts';
import type { Calendars } from './calendars.ts';
import type { JudgedAccount } from './classify.ts';
import type { HashSet } from './hash-list.ts';
import { Counter, foldedOnce, isGood } from './tally.ts';

/** What more than one account seems to have, by its hash. */
export interface Suspects {
  readonly uniqueIds: HashSet;
  readonly mails: HashSet;
  readonly calendars: Pick<Calendars, 'isShared' | 'anyShared'>;
}

/** What accounts share with others. */
export interface Shared {
  readonly counts: Counter;
  /** How many of the accounts have nothing else wrong. */
  readonly otherwiseGood: number;
  problemsOf(account: JudgedAccount): readonly AuditProblem[];
}

/** Compares the values themselves of the accounts that share a hash: hashes alone convict nobody. It keeps those values only. */
export async function findShared(accounts: () => AsyncIterable<JudgedAccount>, suspects: Suspects): Promise<Shared> {
  const { uniqueIds, mails, calendars } = suspects;
  if (uniqueIds.size === 0 && mails.size === 0 && !calendars.anyShared)
    return { counts: new Counter(), otherwiseGood: 0, problemsOf: () => [] };
  const suspected = await countValues(accounts(), account => suspicions(account, suspects));
  const isRepeated = ({ key }: Suspicion) => (suspected.times.get(key) ?? 0) > 1;
  if ([...suspected.times.values()].every(times => times > 1)) return suspected;
  // Two values had one hash, or somebody mended one meanwhile: counted again without them.
  return countValues(accounts(), account => suspicions(account, suspects).filter(isRepeated));
}

interface Suspicion {
  readonly problem: AuditProblem;
  /** The problem and the value. */
  readonly key: string;
}

async function countValues(
  accounts: AsyncIterable<JudgedAccount>,
  suspicionsOf: (account: JudgedAccount) => readonly Suspicion[],
): Promise<Shared & { readonly times: ReadonlyMap<string, number> }> {
  const times = new Map<string, number>();
  const counts = new Counter();
  let otherwiseGood = 0;
  for await (const account of accounts) {
    const found = suspicionsOf(account);
    for (const { key } of found) times.set(key, (times.get(key) ?? 0) + 1);
    for (const problem of new Set(found.map(one => one.problem))) counts.add(problem, account.dn);
    if (found.length > 0 && isGood(account)) otherwiseGood++;
  }
  const problemsOf = (account: JudgedAccount) => {
    const shared = suspicionsOf(account).filter(({ key }) => (times.get(key) ?? 0) > 1);
    return [...new Set(shared.map(({ problem }) => problem))];
  };
  return { times, counts, otherwiseGood, problemsOf };
}

function suspicions({ uniqueIds, mail, names }: JudgedAccount, suspects: Suspects): readonly Suspicion[] {
  const suspect = (problem: AuditProblem, values: readonly string[], isSuspect: (value: string) => boolean) =>
    values.filter(isSuspect).map(value => ({ problem, key: `${problem} ${value}` }));
  return [
    ...suspect('duplicate-unique-id', foldedOnce(uniqueIds), value => suspects.uniqueIds.has(value)),
    ...suspect('duplicate-mail', foldedOnce(mail), value => suspects.mails.has(value)),
    ...suspect('shared-calendar', names, name => suspects.calendars.isShared(name)),
  ];
}
