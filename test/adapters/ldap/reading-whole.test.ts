import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../tools/until.ts';
import { type Asked, entryMessage, fakeServer, onSearch, type Script } from './fake-server.ts';
import { collect, connectionForTest, findingOf } from './support.ts';

const QUERY = { base: 'o=isp', filter: '(objectClass=*)', attributes: ['uid'] };
const name = (number: number) => `uid=${number},o=isp`;

/** What the searches of a reading asked for: the cookie of each page, nothing for a search without pages. */
function searches(log: readonly Asked[]): readonly (string | undefined)[] {
  return log.filter(asked => asked.base === 'o=isp').map(asked => asked.cookie);
}

/** A server that gives so many at once and no more, and pages of its own size, each with a cookie and the last with none. */
function limited(count: number, limit: number, page: number): Script {
  return onSearch((asked, answer) => {
    const start = Number(asked.cookie || '0');
    const end = Math.min(count, start + (asked.cookie === undefined ? limit : page));
    answer.raw(
      Buffer.concat([
        Buffer.alloc(0),
        ...Array.from({ length: end - start }, (_, index) => entryMessage(asked.messageId, name(start + index), {})),
      ]),
    );
    if (asked.cookie === undefined) {
      answer.done(end < count ? 4 : 0, 'so many');
    } else {
      answer.done(0, '', end < count ? String(end) : '');
    }
    return true;
  });
}

describe('a reading', () => {
  it('asks for everything at once, also where the server pages', async () => {
    const server = await fakeServer(limited(3000, 3000, 1000), { paging: true });
    expect(await collect(connectionForTest(server).search(QUERY))).toHaveLength(3000);
    expect(searches(server.log)).toEqual([undefined]);
  });

  it('starts over with pages where so much is refused, yields nothing twice, and the next begins with them', async () => {
    const server = await fakeServer(limited(5000, 2000, 1500), { paging: true });
    const connection = connectionForTest(server);
    const names = (await collect(connection.search(QUERY))).map(entry => entry.dn);
    expect(names).toEqual(Array.from({ length: 5000 }, (_, number) => name(number)));
    expect(await collect(connection.search(QUERY))).toHaveLength(5000);
    const pages = ['', '1500', '3000', '4500'];
    expect(searches(server.log)).toEqual([undefined, ...pages, ...pages]);
  });

  it('goes on after pages that are empty and have a cookie', async () => {
    const pages: Readonly<Record<string, { readonly names: readonly number[]; readonly next: string }>> = {
      '': { names: [], next: 'one' },
      one: { names: [0, 1], next: 'two' },
      two: { names: [], next: 'three' },
      three: { names: [2], next: '' },
    };
    const script = onSearch((asked, answer) => {
      const page = pages[asked.cookie ?? 'none'];
      for (const number of page?.names ?? [0]) answer.entry(name(number));
      answer.done(page ? 0 : 4, '', page?.next);
      return true;
    });
    const entries = await collect(connectionForTest(await fakeServer(script, { paging: true })).search(QUERY));
    expect(entries.map(entry => entry.dn)).toEqual([name(0), name(1), name(2)]);
  });

  it.each<[string, Script, boolean, string]>([
    ['the server does not page', limited(3000, 2000, 1000), false, '4 sizeLimitExceeded'],
    ['more was yielded than is remembered', limited(12_000, 10_001, 1000), true, '4 sizeLimitExceeded'],
    ['the limit is for all pages', onSearch((_, answer) => end(answer.done, 4)), true, '4 sizeLimitExceeded'],
    ['another limit ends it', onSearch((_, answer) => end(answer.done, 11)), true, '11 adminLimitExceeded'],
    ['time ends it', onSearch((_, answer) => end(answer.done, 3)), true, '3 timeLimitExceeded'],
  ])('is an error where %s', async (_, script, paging, words) => {
    const finding = await findingOf(collect(connectionForTest(await fakeServer(script, { paging })).search(QUERY)));
    expect(finding).toMatchObject({ code: 'directory.search-incomplete', detail: expect.stringContaining(words) });
  });

  it('is an error where the pages end early', async () => {
    const whole = limited(5000, 2000, 1500);
    const script = onSearch((asked, answer) =>
      asked.cookie === '3000' ? end(answer.done, 51, '') : whole(asked, answer),
    );
    const server = await fakeServer(script, { paging: true });
    const finding = await findingOf(collect(connectionForTest(server).search(QUERY)));
    expect(finding).toMatchObject({ code: 'directory.search-incomplete', detail: expect.stringContaining('51 busy') });
  });

  it('takes an answer with a cookie for a part, though no page was asked for', async () => {
    const whole = limited(3000, 1000, 1000);
    const script = onSearch((asked, answer) => {
      if (asked.cookie !== undefined) return whole(asked, answer);
      answer.entry('uid=first,o=isp');
      return end(answer.done, 0, '1000');
    });
    const paging = await fakeServer(script, { paging: true });
    expect(await collect(connectionForTest(paging).search(QUERY))).toHaveLength(2001);
    const finding = await findingOf(collect(connectionForTest(await fakeServer(script)).search(QUERY)));
    expect(finding).toMatchObject({ code: 'directory.search-incomplete' });
  });

  it('that its reader leaves is given up at once', async () => {
    let asked: Asked | undefined;
    const server = await fakeServer(
      onSearch((request, answer) => {
        if (asked) return end(answer.done, 0);
        asked = request;
        for (let number = 0; number < 10; number += 1) answer.entry(name(number));
        return true;
      }),
    );
    const connection = connectionForTest(server);
    for await (const _ of connection.search(QUERY)) break;
    expect(await collect(connection.search(QUERY))).toEqual([]);
    expect(server.log.map(({ what }) => what)).toEqual(['bind', 'search', 'search', 'abandon', 'search']);
  });
});

function end(done: (status: number, words: string, cookie?: string) => void, status: number, cookie?: string): true {
  done(status, '', cookie);
  return true;
}

describe('who is asking', () => {
  const asWhom = (names: readonly string[]): Script => {
    let asked = 0;
    return (request, answer) => {
      if (request.what !== 'extended') return false;
      answer.extended(0, '', names[asked]);
      asked += 1;
      return true;
    };
  };

  it.each([
    ['before', ['dn:cn=fake', 'dn:cn=other', 'dn:cn=fake']],
    ['after', ['dn:cn=fake', 'dn:cn=fake', 'dn:cn=other']],
  ])('is asked %s a reading, and another answer makes it an error', async (_, names) => {
    const connection = connectionForTest(await fakeServer(asWhom(names), { whoAmI: true }));
    expect(await findingOf(collect(connection.search(QUERY)))).toMatchObject({ code: 'directory.identity-lost' });
    expect(await findingOf(collect(connection.search(QUERY)))).toMatchObject({ code: 'directory.connection-lost' });
  });

  it('is asked and answered before the search, and again behind it: 389 answers several requests at once late', async () => {
    let asked = 0;
    let atAnswer: readonly string[] = [];
    const server = await fakeServer(
      (request, answer) => {
        if (request.what !== 'extended' || asked++ !== 1) return false;
        setTimeout(() => {
          atAnswer = server.log.map(({ what }) => what);
          answer.extended(0, '', 'dn:cn=fake');
        }, 50);
        return true;
      },
      { whoAmI: true },
    );
    expect(await collect(connectionForTest(server).search(QUERY))).toHaveLength(0);
    const [, , , ...reading] = server.log.map(({ what }) => what);
    expect(reading).toEqual(['extended', 'search', 'extended']);
    expect(atAnswer.slice(3)).toEqual(['extended']);
  });

  it('does not matter behind a reading that was left', async () => {
    const server = await fakeServer(
      (request, answer) => {
        if (request.what !== 'extended') {
          if (request.base !== 'o=isp') return false;
          answer.entry(name(0));
          return true;
        }
        answer.extended(0, '', 'dn:cn=fake');
        return true;
      },
      { whoAmI: true },
    );
    for await (const _ of connectionForTest(server).search(QUERY)) break;
    await vi.waitFor(() => expect(server.log.at(-1)?.what).toBe('abandon'));
    await settle();
    expect(server.log.slice(3).map(({ what }) => what)).toEqual(['extended', 'search', 'abandon']);
  });
});

describe('the pace of reading', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const dribble = (count: number): Script =>
    onSearch(async (asked, answer) => {
      for (let number = 0; number < count; number += 10) {
        const ten = Array.from({ length: 10 }, (_, index) => entryMessage(asked.messageId, name(number + index), {}));
        answer.raw(Buffer.concat(ten));
        await pause(0);
      }
      return end(answer.done, 0);
    });

  it('has no rest in a short search', async () => {
    const connection = connectionForTest(await fakeServer(dribble(400)));
    await collect(connection.search({ ...QUERY, base: 'o=other' }));
    const rests = vi.spyOn(Socket.prototype, 'pause');
    expect(await collect(connection.search(QUERY))).toHaveLength(400);
    expect(rests).not.toHaveBeenCalled();
  });

  it('has many in a long one', async () => {
    const connection = connectionForTest(await fakeServer(dribble(24_000)));
    await collect(connection.search({ ...QUERY, base: 'o=other' }));
    const rests = vi.spyOn(Socket.prototype, 'pause');
    expect(await collect(connection.search(QUERY))).toHaveLength(24_000);
    expect(rests.mock.calls.length).toBeGreaterThan(20);
  });
});
