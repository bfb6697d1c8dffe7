import { expect, it } from 'vitest';
import type { JudgedAccount } from '../../src/audit/classify.ts';
import { findShared } from '../../src/audit/duplicates.ts';
import { HashCollector } from '../../src/audit/hash-list.ts';

function account(dn: string, mail: readonly string[], problems: JudgedAccount['problems'] = []): JudgedAccount {
  return { dn, uid: [], mail, uniqueIds: [], names: [], cohort: 'c', state: 'good-cs7', stores: [], problems };
}

function twice(...values: readonly string[]) {
  const collector = new HashCollector();
  for (const value of [...values, ...values]) collector.add(value);
  return collector.repeated();
}

it('a hash that came twice makes nobody guilty whose value did not', async () => {
  const accounts = [
    account('a', ['same@x', 'Other@x']),
    account('b', ['SAME@x'], ['no-unique-id']),
    account('c', ['alone@x']),
  ];
  const calendars = { isShared: () => false, anyShared: false };
  const suspects = { uniqueIds: twice(), mails: twice('same@x', 'alone@x'), calendars };
  let passes = 0;
  const shared = await findShared(async function* () {
    passes++;
    yield* accounts;
  }, suspects);
  expect(shared.counts.get('duplicate-mail')).toEqual({ count: 2, examples: ['a', 'b'] });
  expect([shared.otherwiseGood, passes]).toEqual([1, 2]);
  expect(accounts.map(shared.problemsOf)).toEqual([['duplicate-mail'], ['duplicate-mail'], []]);
});
