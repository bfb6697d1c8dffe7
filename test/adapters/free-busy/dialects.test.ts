import { describe, expect, it } from 'vitest';
import { openFreeBusy } from '../../../src/adapters/free-busy/reader.ts';
import { ANSWER, HOUR, httpServer } from './servers.ts';

const MAIL = 'jdoe@example.com';
const reader = openFreeBusy(Date.UTC(2030, 0, 1), { patience: 50_000 });

async function lookUp(body: string, type = 'text/xml; charset=utf-8') {
  const http = await httpServer((_, response) =>
    response.writeHead(200, type ? { 'Content-Type': type } : {}).end(body),
  );
  return await reader.lookUp({ http, side: 'cs6', mail: MAIL });
}

async function schedule(body: string, type = 'application/xml', status = 200) {
  const url = await httpServer((_, response) =>
    response.writeHead(status, type ? { 'Content-Type': type } : {}).end(body),
  );
  return await reader.schedule({ url, organizer: 'asks@example.com', attendee: MAIL });
}

const answered = { state: 'answered', busy: [HOUR] };
const FB = '<FB FBTYPE="BUSY">20300107T090000Z/20300107T100000Z</FB>';
const wcap = (inner: string) => `<?xml version="1.0"?>\n<iCalendar>\n<iCal version="2.0">${inner}</iCal></iCalendar>\n`;

describe('get_freebusy in XML', () => {
  it.each([
    ['with an errno', wcap(`<FREEBUSY><X-NSCP-WCAP-ERRNO> 0 </X-NSCP-WCAP-ERRNO>${FB}</FREEBUSY>`)],
    ['without one', wcap(FB)],
    ['of a free and a busy time', wcap(`${FB.replaceAll('T09', 'T11').replace('BUSY', 'FREE')}${FB}`)],
    [
      'with prefixes and in capitals',
      wcap(FB)
        .replaceAll(/(<\/?)(?=[A-Zi])/g, '$1w:')
        .replaceAll('iCal', 'ICAL'),
    ],
    ['with a mark before it', `\ufeff${wcap(FB)}`],
    ['with blanks before it', `\r\n ${wcap(FB)}`],
  ])('%s', async (_, body) => {
    const { busy } = { busy: [] as unknown, ...(await lookUp(body)) };
    const { start, end } = HOUR;
    const half = start + 1_800_000;
    expect([
      [HOUR],
      [
        { start, end: half },
        { start: half, end },
      ],
    ]).toContainEqual(busy);
  });

  it.each(['', 'text/plain', 'application/xml', 'application/octet-stream', 'TEXT/XML'])('as %j', async type => {
    expect(await lookUp(wcap(FB), type)).toMatchObject(answered);
  });

  it('of nobody, or of somebody who is free', async () => {
    expect(await lookUp(wcap('<FREEBUSY><DTSTART/></FREEBUSY>'))).toMatchObject({ state: 'answered', busy: [] });
    const unknown = await lookUp(wcap('<X-NSCP-WCAP-ERRNO>29</X-NSCP-WCAP-ERRNO>'));
    expect(unknown).toMatchObject({ failure: 'errno', code: '29', detail: 'errno 29: no such calendar there' });
    const failed = await lookUp(wcap(`<X-NSCP-WCAP-ERRNO>39</X-NSCP-WCAP-ERRNO>${FB}`));
    expect(failed).toMatchObject({ failure: 'errno', code: '39', detail: 'errno 39', hops: [{ came: 'errno 39' }] });
  });

  it.each([
    ['without anything', wcap('')],
    ['with another root', '<calendar/>'],
    ['with an errno in words', wcap('<X-NSCP-WCAP-ERRNO>none</X-NSCP-WCAP-ERRNO>')],
    ['with a time without zone', wcap('<FB>20300107T090000/20300107T100000</FB>')],
    ['with a line in a time', wcap('<FB>20300107T090000Z/PT1H\nEND:VFREEBUSY</FB>')],
    ['with a line in a type', wcap('<FB FBTYPE="BUSY:20300107T090000Z/PT1H&#10;X">x</FB>')],
    ['that is cut off', wcap(FB).slice(0, -14)],
    ['that is HTML', '<html><body><br></body></html>'],
  ])('%s cannot be read', async (_, body) => {
    expect(await lookUp(body)).toMatchObject({ state: 'failed', failure: 'unreadable' });
  });
});

const REPLY = ANSWER.replace(/X-NSCP.*\r\n/, '');
const part = (name: string, text: string) => `<${name}>${text}</${name}>`;
const response = (recipient: string, status: string, data = '') =>
  part('response', part('recipient', recipient) + part('request-status', status) + data);
const whole = (...responses: readonly string[]) =>
  `<?xml version="1.0" encoding="utf-8" ?>\n<schedule-response xmlns="urn:ietf:params:xml:ns:ischedule">\n${responses.join('\n')}</schedule-response>`;
const DATA = part('calendar-data', REPLY);
const TO = `mailto:${MAIL}`;
const OK = whole(response(TO, '2.0;Success', DATA));

describe('a schedule-response', () => {
  it.each([
    ['as the first draft prints it', OK],
    ['with the recipient in an href', whole(response(part('href', TO), '2.0;Success', DATA))],
    ['with a prefix', OK.replaceAll(/<(\/?)(?=[a-z])/g, '<$1C:').replace('xmlns=', 'xmlns:C=')],
    ['with CDATA', OK.replace(DATA, part('calendar-data', `<![CDATA[${REPLY}]]>`))],
    ['with a description', OK.replace(DATA, `${DATA}<responsedescription>fine</responsedescription>`)],
    ['without status', OK.replace(/<request-status>.*<.request-status>/, '')],
    ['with an empty status', OK.replace('2.0;Success', '')],
    ['with another success', OK.replace('2.0;Success', '2.8; Success, repeating event ignored.')],
    ['without recipient', OK.replace(/<recipient>.*<.recipient>/, '')],
    ['with others in it', whole(response('mailto:x@y', '3.7;No'), response(TO.toUpperCase(), '2.0', DATA))],
  ])('%s', async (_, body) => {
    expect(await schedule(body)).toMatchObject(answered);
  });

  it.each(['', 'text/xml; charset="utf-8"', 'text/plain'])('as %j', async type => {
    expect(await schedule(OK, type)).toMatchObject(answered);
  });

  it.each([
    ['of somebody who is unknown', whole(response(TO, '3.7;Invalid calendar user')), 'schedule-status', '3.7'],
    ['of somebody without scheduling', whole(response(TO, ' 5.3;No scheduling support ')), 'schedule-status', '5.3'],
    ['with a failure in spite of data', whole(response(TO, '5.1', DATA)), 'schedule-status', '5.1'],
    ['with a status in words', whole(response(TO, 'Success', DATA)), 'schedule-status', undefined],
    ['with an errno inside', OK.replace('BEGIN:VFREEBUSY', 'BEGIN:VFREEBUSY\nX-NSCP-WCAP-ERRNO:39'), 'errno', '39'],
    ['of somebody else', whole(response('mailto:x@y', '2.0', DATA)), 'unreadable', undefined],
    ['of two without names', whole(response('', '2.0', DATA), response('', '2.0', DATA)), 'unreadable', undefined],
    ['of nobody', whole(), 'unreadable', undefined],
    ['without data', whole(response(TO, '2.0;Success')), 'unreadable', undefined],
    ['with a VEVENT', OK.replaceAll('VFREEBUSY', 'VEVENT'), 'unreadable', undefined],
    ['with another root', '<multistatus/>', 'unreadable', undefined],
    ['in iCalendar', REPLY, 'unreadable', undefined],
    ['that is empty', '', 'unreadable', undefined],
  ])('%s', async (_, body, failure, code) => {
    const answer = await schedule(body);
    expect(answer).toMatchObject({ state: 'failed', failure, hops: [{ method: 'POST' }] });
    expect('code' in answer ? answer.code : undefined).toBe(code);
  });
});

const refusal = (...inner: readonly string[]) =>
  `<error xmlns="urn:ietf:params:xml:ns:ischedule">${inner.join('')}</error>`;

describe('a refusal', () => {
  it.each([
    [
      'an element',
      400,
      refusal('<version-not-supported/>'),
      'version-not-supported',
      'HTTP 400: version-not-supported',
    ],
    [
      'a description of the first draft',
      403,
      refusal('<responsedescription>not you</responsedescription>', '<originator-denied/>'),
      'originator-denied',
      'HTTP 403: originator-denied (not you)',
    ],
    [
      'a description of later ones',
      403,
      refusal('<D:originator-denied/>', '<response-description>no</response-description>'),
      'originator-denied',
      'HTTP 403: originator-denied (no)',
    ],
    ['only text', 400, refusal('out of order'), 'error', 'HTTP 400: error (out of order)'],
    ['success as its status', 200, refusal('<recipient-missing/>'), 'recipient-missing', 'HTTP 200: recipient-missing'],
  ])('with %s', async (_, status, body, code, detail) => {
    const hops = [{ came: detail }];
    expect(await schedule(body, 'text/xml', status)).toMatchObject({ failure: 'schedule-status', code, detail, hops });
  });

  it.each([
    ['a page', 404, '<html><p>Not Found</html>'],
    ['nothing', 507, ''],
    ['an answer, which it cannot be', 500, OK],
  ])('with %s is a status', async (_, status, body) => {
    const answer = { failure: 'http-status', code: String(status), detail: `HTTP ${status}` };
    expect(await schedule(body, 'text/html', status)).toMatchObject(answer);
  });
});

it.each(['nonsense', 'file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://'])('%s is no server', async url => {
  const mail = { organizer: 'a@b', attendee: 'c@d' };
  expect(await reader.schedule({ url, ...mail })).toMatchObject({ state: 'failed', failure: 'unreachable' });
  expect(await reader.lookUp({ http: url, side: 'cs7', mail: 'c@d' })).toMatchObject({ failure: 'unreachable' });
});
