import { createServer, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openFreeBusy } from '../../src/adapters/free-busy/reader.ts';
import { freePort } from '../../src/lab/process-list.ts';
import { type CyrusServer, cyrusUser, startCyrus } from './cyrus-server.ts';

const BUSY = { start: Date.UTC(2030, 0, 8, 9), end: Date.UTC(2030, 0, 8, 10, 30) };
const TIMES = ['20300108T090000Z', '20300108T103000Z'] as const;
const reader = openFreeBusy(Date.UTC(2030, 0, 1));

let server: CyrusServer;
beforeAll(async () => {
  server = await startCyrus(...TIMES);
});
afterAll(() => server.stop());

function schedule(url: string, attendee: string = cyrusUser.mail) {
  return reader.schedule({ url, organizer: 'cs7.user@elsewhere.example', attendee });
}

/** Hands requests on to the server, but for one header. */
async function relayWithout(header: string): Promise<string> {
  const relay = createServer((incoming, outgoing) => {
    const { [header]: _, ...headers } = incoming.headers;
    const onward = request(server.url, { method: 'POST', headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  const port = await freePort();
  await new Promise<void>(resolve => relay.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void relay.close());
  return `http://127.0.0.1:${port}/ischedule/`;
}

describe('the iSchedule handler of Cyrus', () => {
  it('tells exactly when its user is busy', async () => {
    const came = 'HTTP 200, 1 busy time';
    const hop = { method: 'POST', url: server.url, came, milliseconds: expect.any(Number) };
    expect(await schedule(server.url)).toEqual({ state: 'answered', busy: [BUSY], hops: [hop] });
  });

  it.each(['nobody@example.com', 'jdoe@elsewhere.example', "o'neil/a&b@example.com"])(
    'knows nobody of the address %s',
    async mail => {
      expect(await schedule(server.url, mail)).toMatchObject({
        failure: 'schedule-status',
        code: '3.7',
        detail: 'request-status 3.7;Invalid calendar user',
      });
    },
  );

  it.each([
    ['ischedule-version', 'version-not-supported'],
    ['originator', 'originator-missing'],
    ['recipient', 'recipient-missing'],
    ['content-type', 'invalid-calendar-data-type'],
  ])('refuses a request without %s, and is read', async (header, condition) => {
    expect(await schedule(await relayWithout(header))).toMatchObject({
      failure: 'schedule-status',
      code: condition,
      detail: `HTTP 400: ${condition}`,
    });
  });

  it('is nowhere else', async () => {
    const elsewhere = server.url.replace('/ischedule/', '/elsewhere/');
    expect(await schedule(elsewhere)).toMatchObject({ failure: 'http-status', code: '405' });
  });

  it('refuses what is not signed, where it is told to', async () => {
    const strict = await startCyrus(...TIMES, { signed: true });
    onTestFinished(strict.stop);
    expect(await schedule(strict.url)).toMatchObject({ failure: 'schedule-status', code: 'verification-failed' });
  });
});
