import { readFileSync } from 'node:fs';
import { NoAnswer, readable } from '../../../src/adapters/free-busy/http-exchange.ts';
import { calendarAddress, isAddressOf, parseAnswer } from '../../../src/adapters/free-busy/parse-answer.ts';
import { readTimesOrReferral, resolveReferral, sayReferral } from '../../../src/adapters/free-busy/referral.ts';
import { parseScheduleAnswer } from '../../../src/adapters/free-busy/schedule-client.ts';
import { readWcapAnswer } from '../../../src/adapters/free-busy/wcap-client.ts';
import { elementsOf, parseXml } from '../../../src/adapters/free-busy/xml-tree.ts';
import { claim, type Parser } from '../parser.ts';

const ANSWER = [
  ...['BEGIN:VCALENDAR', 'BEGIN:VFREEBUSY', 'X-NSCP-WCAP-ERRNO:0', 'FREEBUSY;FBTYPE=BUSY:20300107T090000Z/PT1H,'],
  ...[' 20300108T090000Z/20300108T100000Z', 'END:VFREEBUSY', 'END:VCALENDAR', ''],
].join('\r\n');
const XML =
  '<iCalendar><iCal><X-NSCP-WCAP-ERRNO>0</X-NSCP-WCAP-ERRNO><FB FBTYPE="BUSY">20300107T090000Z/PT1H</FB></iCal></iCalendar>';
const SCHEDULE = `<?xml version="1.0"?><C:schedule-response xmlns:C="urn:x"><C:response><C:recipient><D:href xmlns:D="DAV:">mailto:a@b</D:href></C:recipient><C:request-status>2.0;Success</C:request-status><C:calendar-data><![CDATA[${ANSWER}]]></C:calendar-data></C:response></C:schedule-response>`;

const longest = 250_000;
const isNoAnswer = (error: unknown) => error instanceof NoAnswer;
const markup = [
  '<',
  '</',
  '/>',
  '>',
  '<a>',
  '<a b="c">',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<!DOCTYPE a [',
  '<?x',
  '&amp;',
  '&#0;',
  '&x;',
  'xmlns:a="b" ',
  ' a="b"',
];
const calendar = [
  '\r\n ',
  '\r\n',
  ';',
  ':',
  '"',
  ',',
  '/',
  'PT1H',
  'P99999999999W',
  'BEGIN:VFREEBUSY\r\n',
  'END:VFREEBUSY\r\n',
  ';X=Y',
  'RRULE:FREQ=SECONDLY',
  ';VALUE=DATE',
  '20300107T090000Z/PT1H,',
  '^n',
];

function timesHold(result: unknown): void {
  if (typeof result === 'string') return;
  const busy = Array.isArray(result) ? result : (result as ReturnType<typeof parseAnswer>).busy;
  for (const { start, end } of busy) claim(end >= start && Number.isFinite(end), 'a time ends after it begins');
}

const icalendar: Parser = {
  name: 'iCalendar',
  covers: ['parseAnswer', 'periodsOf'],
  samples: [ANSWER, readFileSync('test/cases/12-wcap-2005q4.ics', 'latin1')],
  words: calendar,
  longest,
  read: text => readable(() => parseAnswer(text)),
  refuses: isNoAnswer,
  holds: (_, result) => timesHold(result),
};

const wcap: Parser = {
  name: 'get_freebusy',
  covers: ['readWcapAnswer', 'timesOf', 'readTimesOrReferral', 'resolveReferral', 'sayReferral'],
  samples: [XML, ANSWER, ANSWER.replace('X-', 'X-REDIRECT:http://h.example/get_freebusy.wcap?x=1\r\nX-')],
  words: [...calendar, ...markup, 'http://', 'http://a/get_freebusy.wcap', 'redirect '],
  longest,
  read: text => {
    const reply = { status: 200, type: 'text/calendar', body: text };
    const read = readTimesOrReferral(reply);
    const from = new URL('http://cs6.example.com/get_freebusy.wcap');
    if (typeof read === 'string') {
      sayReferral(read, from);
      resolveReferral(read, from, 'http://h.example/get_freebusy.wcap', new URLSearchParams());
    }
    return typeof read === 'string' ? read : readWcapAnswer(reply).busy;
  },
  refuses: isNoAnswer,
  holds: (text, result) => {
    timesHold(result);
    const isRead = typeof result !== 'string';
    claim(!isRead || /VFREEBUSY|<fb|freebusy/i.test(text), 'an answer that tells of times has some');
  },
};

const schedule: Parser = {
  name: 'iSchedule',
  covers: ['parseScheduleAnswer'],
  samples: [
    SCHEDULE,
    '<error xmlns="urn:x"><recipient-mismatch/><responsedescription>no</responsedescription></error>',
  ],
  words: [...markup, '<response>', '</response>', '<recipient>', 'schedule-response'],
  longest,
  read: text => readable(() => parseScheduleAnswer(text)),
  refuses: isNoAnswer,
  holds: (text, result) => {
    const answer = result as ReturnType<typeof parseScheduleAnswer>;
    const told =
      answer.form === 'error' ? [answer.name] : answer.responses.map(({ status = '' }) => status.slice(0, 1));
    claim(
      told.every(one => text.toLowerCase().includes(one.toLowerCase()) || /&/.test(text)),
      'what it tells is in it',
    );
  },
};

const xml: Parser = {
  name: 'XML',
  covers: ['parseXml', 'elementsOf'],
  samples: [SCHEDULE, XML],
  words: markup,
  longest,
  read: text =>
    readable(() => elementsOf(parseXml(text)).map(({ name, attributes, text: own }) => [name, attributes, own])),
  refuses: isNoAnswer,
};

const addresses: Parser = {
  name: 'mail addresses of look-ups',
  covers: ['calendarAddress', 'isAddressOf', 'requireMailAddress'],
  samples: ['jdoe@example.com', '<mailto:j%20doe@example.com>', 'ä+b@exämple.com'],
  words: ['@', '%', '%zz', 'mailto:', '<', '>', '\n'],
  read: text => [isAddressOf('jdoe@example.com', text), calendarAddress(text)],
  refuses: isNoAnswer,
  holds: (_, result) => {
    const [, address] = result as readonly [boolean, string];
    claim(/^mailto:[!-~]+$/.test(address) && !/[\r\n,<>]/.test(address), 'an address ends neither a line nor a list');
  },
};

/** What calendar servers answer over HTTP. */
export const lookUps: readonly Parser[] = [icalendar, wcap, schedule, xml, addresses];
