import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { entryMessage, fakeServer, onSearch, type Script } from './fake-server.ts';
import { collect, connectionForTest, findingOf, IMPATIENT } from './support.ts';

const QUERY = { base: 'o=isp', filter: '(objectClass=*)', attributes: ['uid'] };
const NOTHING: Script = () => false;
describe('identity', () => {
  const asWhom = (names: readonly string[]): Script => {
    let asked = 0;
    return (request, answer) => {
      if (request.what !== 'extended') {
        return false;
      }
      const name = names[asked] ?? '';
      asked += 1;
      answer.extended(name === 'refused' ? 53 : 0, '', name);
      return true;
    };
  };

  it.each([
    ['changes', ['dn:cn=fake', 'dn:cn=other']],
    ['is gone', ['dn:cn=fake', '']],
    ['cannot be asked any more', ['dn:cn=fake', 'refused']],
  ])('that %s after a search makes the search worthless and the connection dead', async (_, names) => {
    const connection = connectionForTest(await fakeServer(asWhom(names), { whoAmI: true }));
    expect(await findingOf(collect(connection.search(QUERY)))).toMatchObject({ code: 'directory.identity-lost' });
    expect(await findingOf(collect(connection.search(QUERY)))).toMatchObject({ code: 'directory.connection-lost' });
  });

  it('that is nobody right after the login is told at once', async () => {
    const connection = connectionForTest(await fakeServer(asWhom(['']), { whoAmI: true }));
    expect(await findingOf(connection.schema())).toMatchObject({ code: 'directory.identity-lost' });
  });

  it('is not asked for where the server does not offer it', async () => {
    const server = await fakeServer(NOTHING);
    await collect(connectionForTest(server).search(QUERY));
    expect(server.log.map(asked => asked.what)).not.toContain('extended');
  });
});

describe('silence', () => {
  it('of the whole server ends the connection', async () => {
    let mute = false;
    const server = await fakeServer(asked => {
      mute ||= asked.base === 'o=isp';
      return mute;
    });
    const connection = connectionForTest({ ...server, timing: IMPATIENT });
    const finding = await findingOf(collect(connection.search(QUERY)));
    expect(finding).toMatchObject({
      code: 'directory.connection-lost',
      detail: expect.stringContaining('no answer at all'),
    });
  });

  it('of a long search does not, while the server answers anything else', async () => {
    const server = await fakeServer(
      onSearch(async (_, answer) => {
        await pause(5_000);
        answer.entry('uid=late,o=isp');
        answer.done();
        return true;
      }),
    );
    const timing = { ...IMPATIENT, silence: 2_000 };
    expect(await collect(connectionForTest({ ...server, timing }).search(QUERY))).toHaveLength(1);
  });

  it('right after connecting is told as unreachable', async () => {
    const server = await fakeServer(asked => asked.what === 'bind');
    expect(await findingOf(connectionForTest({ ...server, timing: IMPATIENT }).schema())).toMatchObject({
      code: 'directory.unreachable',
    });
  });
});

describe('what comes from the server', () => {
  it('cannot forge lines or steer the terminal', async () => {
    const words = 'no\u001b[2J\nerror: all is well\u202e';
    const server = await fakeServer(
      onSearch((_, answer) => {
        answer.done(53, words);
        return true;
      }),
    );
    const finding = await findingOf(collect(connectionForTest(server).search(QUERY)));
    expect(finding.detail).toContain('no\\u001b[2J\\u000aerror: all is well\\u202e');
  });

  it('is told when it is the reason for the end', async () => {
    const server = await fakeServer(
      onSearch((_, answer) => {
        answer.extended(52, 'going down', undefined, 0);
        answer.socket.end();
        return true;
      }),
    );
    const finding = await findingOf(collect(connectionForTest(server).search(QUERY)));
    expect(finding).toMatchObject({ code: 'directory.connection-lost', detail: expect.stringContaining('going down') });
  });

  it.each([
    ['not LDAP at all', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'.padEnd(200)],
    ['LDAP that does not end', '\u0030\u0084\u0000\u0000'],
  ])('ends the connection when it is %s', async (_, bytes) => {
    const server = await fakeServer(
      onSearch((_, answer) => {
        answer.raw(Buffer.from(bytes, 'latin1'));
        answer.socket.end();
        return true;
      }),
    );
    const finding = await findingOf(collect(connectionForTest(server).search(QUERY)));
    expect(finding).toMatchObject({ code: 'directory.connection-lost' });
  });

  it('is kept apart when values are not text', async () => {
    const server = await fakeServer(
      onSearch((asked, answer) => {
        const bytes = entryMessage(asked.messageId, 'uid=a,o=isp', { photo: ['xyz'], empty: [] });
        bytes[bytes.indexOf('xyz')] = 0xff;
        answer.raw(bytes);
        answer.done();
        return true;
      }),
    );
    const [entry] = await collect(connectionForTest(server).search(QUERY));
    expect([...(entry?.attributes ?? [])]).toEqual([['photo', ['\ufffdyz']]]);
  });
});
