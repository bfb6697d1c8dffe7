import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { settle } from '../../tools/until.ts';
import { entryMessage, fakeServer, onSearch, type Script } from './fake-server.ts';
import { collect, connectionForTest, findingOf } from './support.ts';

/** What a server that limits its answers says unless it is asked by pages; then the adapter must page. */
const TOO_MUCH = 'only by pages';
const QUERY = { base: 'o=isp', filter: '(objectClass=*)', attributes: ['uid'] };

describe('paging', () => {
  it('goes on after an empty page that has a cookie', async () => {
    const pages: Readonly<Record<string, { readonly names: readonly string[]; readonly next: string }>> = {
      '': { names: ['a', 'b'], next: 'one' },
      one: { names: [], next: 'two' },
      two: { names: [], next: 'three' },
      three: { names: ['c'], next: '' },
    };
    const server = await fakeServer(
      onSearch((asked, answer) => {
        if (asked.cookie === undefined) {
          answer.done(4, TOO_MUCH);
          return true;
        }
        const page = pages[asked.cookie];
        page?.names.forEach(name => {
          answer.entry(`uid=${name},o=isp`);
        });
        answer.done(0, '', page?.next);
        return true;
      }),
      { paging: true },
    );
    const entries = await collect(connectionForTest(server).search(QUERY));
    expect(entries.map(entry => entry.dn)).toEqual(['uid=a,o=isp', 'uid=b,o=isp', 'uid=c,o=isp']);
  });

  it('asks for one page ahead of its reader and no more', async () => {
    const server = await fakeServer(
      onSearch((asked, answer) => {
        if (asked.cookie === undefined) {
          answer.done(4, TOO_MUCH);
          return true;
        }
        const number = Number(asked.cookie || '0');
        for (let count = 0; count < 1000; count += 1) {
          answer.entry(`uid=${number}-${count},o=isp`);
        }
        answer.done(0, '', number === 9 ? '' : String(number + 1));
        return true;
      }),
      { paging: true },
    );
    const pagesAsked = () => server.log.filter(asked => asked.base === 'o=isp' && asked.cookie !== undefined).length;
    let count = 0;
    let furthest = 0;
    for await (const _ of connectionForTest(server).search(QUERY)) {
      if (count % 500 === 0) {
        await settle();
        furthest = Math.max(furthest, pagesAsked() - Math.floor(count / 1000));
      }
      count += 1;
    }
    expect({ count, pages: pagesAsked() }).toEqual({ count: 10_000, pages: 10 });
    expect(furthest).toBe(2);
  });

  it('is not asked for where the server does not offer it, and a page that fails is no end', async () => {
    const plain = await fakeServer(() => false);
    expect(await collect(connectionForTest(plain).search(QUERY))).toEqual([]);
    expect(plain.log.filter(asked => asked.base === 'o=isp')).toEqual([expect.not.objectContaining({ cookie: '' })]);

    const failing = await fakeServer(
      onSearch((asked, answer) => {
        if (asked.cookie === undefined) {
          answer.done(4, TOO_MUCH);
          return true;
        }
        answer.entry('uid=a,o=isp');
        answer.done(asked.cookie === '' ? 0 : 51, 'later', asked.cookie === '' ? 'next' : '');
        return true;
      }),
      { paging: true },
    );
    const finding = await findingOf(collect(connectionForTest(failing).search(QUERY)));
    expect(finding).toMatchObject({
      code: 'directory.search-incomplete',
      detail: expect.stringContaining('51 busy: later'),
    });
  });
});

describe('a server that does not page', () => {
  const COUNT = 120_000;
  /** So much in all that the kernel's buffers hold a fraction of it only. */
  const PADDING = 'x'.repeat(300);
  const bulk: Script = onSearch(async (asked, answer) => {
    for (let sent = 0; sent < COUNT; sent += 1000) {
      const block = Array.from({ length: 1000 }, (_, number) =>
        entryMessage(asked.messageId, `uid=u${sent + number},ou=People,o=isp`, {
          uid: [`u${sent + number}`],
          cn: [PADDING],
        }),
      );
      if (!answer.socket.write(Buffer.concat(block))) {
        await Promise.race([new Promise(resolve => answer.socket.once('drain', resolve)), pause(60_000)]);
      }
      blocks = sent / 1000 + 1;
    }
    answer.done();
    return true;
  });
  let blocks = 0;

  it('is read to the end, however much there is', async () => {
    let count = 0;
    for await (const entry of connectionForTest(await fakeServer(bulk)).search(QUERY)) {
      count += entry.attributes.get('uid')?.[0] === `u${count}` ? 1 : 0;
    }
    expect(count).toBe(COUNT);
  });

  it('waits for a slow reader instead of filling the memory, and the watch does not bite', async () => {
    const search = connectionForTest(await fakeServer(bulk))
      .search(QUERY)
      [Symbol.asyncIterator]();
    await search.next();
    let ahead = -1;
    while (ahead !== blocks) {
      ahead = blocks;
      await pause(500);
    }
    expect(ahead).toBeLessThan(80);
    let count = 1;
    while (!(await search.next()).done) {
      count += 1;
    }
    expect(count).toBe(COUNT);
  });

  it('answers a modify that the reader of a stalled search waits for', async () => {
    const connection = connectionForTest(await fakeServer(bulk));
    const search = connection.search(QUERY)[Symbol.asyncIterator]();
    await search.next();
    await settle();
    const change = { operation: 'add', attribute: 'title', values: ['x'] } as const;
    expect(await connection.modify('uid=u1,o=isp', [change])).toEqual({ state: 'done' });
    await search.return?.(undefined);
  });
});
