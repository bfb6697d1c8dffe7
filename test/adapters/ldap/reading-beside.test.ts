import { describe, expect, it } from 'vitest';
import { directoryEntries } from '../../../src/lab/directory-content.ts';
import { collect, connectionForTest, slapdForTest } from './support.ts';

const PEOPLE = 'ou=People,o=example.com,o=isp';
const QUERY = { base: PEOPLE, filter: '(objectClass=icsCalendarUser)', attributes: ['uid'] };
const users = (count: number) =>
  directoryEntries({ suffix: 'o=isp', domain: 'example.com', users: count, groups: 0, resources: 0 });

describe('a long reading', () => {
  it.each(['ldaps', 'StartTLS'])('comes whole over %s', async way => {
    const slapd = await slapdForTest({ entries: users(20_000), tls: true });
    const secure = way === 'ldaps' ? { url: slapd.ldapsUrl ?? '' } : { startTls: true };
    const connection = connectionForTest({ ...slapd, ...secure });
    const entries = await collect(connection.search(QUERY));
    expect(new Set(entries.map(entry => entry.dn)).size).toBe(20_000);
  });

  it('does not hold up what is asked beside it', async () => {
    const connection = connectionForTest(await slapdForTest({ entries: users(20_000) }));
    let read = 0;
    const changed: Promise<unknown>[] = [];
    for await (const { dn } of connection.search(QUERY)) {
      read += 1;
      if (read > 1000 && changed.length < 200) {
        changed.push(connection.modify(dn, [{ operation: 'add', attribute: 'title', values: ['x'] }]));
      }
    }
    expect(read).toBe(20_000);
    expect(new Set((await Promise.all(changed)).map(result => JSON.stringify(result)))).toEqual(
      new Set(['{"state":"done"}']),
    );
  });

  it('that is left again and again leaves a connection that works', async () => {
    const connection = connectionForTest(await slapdForTest({ entries: users(5000) }));
    for (let round = 0; round < 30; round += 1) {
      let read = 0;
      for await (const _ of connection.search(QUERY)) {
        read += 1;
        if (read > round * 50) break;
      }
    }
    expect(await collect(connection.search(QUERY))).toHaveLength(5000);
  });
});

describe('many modifies', () => {
  it('are all answered, 500 at once', async () => {
    const connection = connectionForTest(await slapdForTest({ entries: users(500) }));
    const names = (await collect(connection.search(QUERY))).map(entry => entry.dn);
    const change = { operation: 'add', attribute: 'title', values: ['x'] } as const;
    const results = await Promise.all(names.map(dn => connection.modify(dn, [change])));
    expect(results.filter(result => result.state === 'done')).toHaveLength(500);
  });
});
