import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bundledProgram } from '../../tools/bundled-program.ts';
import { pour, rawServer } from './servers.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const SIZE = 1_000_000;

/** A process of its own makes the look-up: its memory is what is measured. */
async function lookUp(kind: 'lookUp' | 'schedule', respond: (socket: Socket) => void, patience = 50_000) {
  const http = await rawServer(respond);
  const words = [bundledProgram('test/adapters/free-busy/look-up-child.mjs'), kind, http, String(patience)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(child.stdout));
}

const fill = (beginning: string, piece: string, end = '') =>
  beginning + piece.repeat(Math.floor((SIZE - beginning.length - end.length) / piece.length)) + end;
const calendar = (line: string, piece: string) =>
  fill(`BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\n${line}`, piece, '\r\nEND:VFREEBUSY\r\nEND:VCALENDAR');
const body = (content: string | Buffer) => (socket: Socket) => {
  socket.write(`${HEAD}Content-Length: ${content.length}\r\n\r\n`);
  socket.end(content);
};
const endless = (beginning: string, piece: string) => (socket: Socket) => pour(socket, beginning, piece);

describe.each(['lookUp', 'schedule'] as const)('%s stays below 200 MB', kind => {
  it.each<readonly [string, (socket: Socket) => void, string]>([
    ['an endless body', endless(`${HEAD}\r\n`, 'x'.repeat(65_536)), 'too-large'],
    ['endless chunks of a byte', endless(CHUNKED, '1\r\n<\r\n'.repeat(9_999)), 'too-large'],
    ['endless headers', endless(HEAD, 'X: y\r\n'.repeat(9_999)), 'too-large'],
    ['an endless header', endless(`${HEAD}X: `, 'x'.repeat(65_536)), 'too-large'],
    ['an endless extension of a chunk', endless(`${CHUNKED}1;x=`, 'x'.repeat(65_536)), 'too-large'],
    ['endless trailers', endless(`${CHUNKED}0\r\n`, 'X: y\r\n'.repeat(9_999)), 'too-large'],
    ['a bomb that is not announced', body(gzipSync(Buffer.alloc(500_000_000))), 'unreadable'],
    ['deep XML', body('<a>'.repeat(SIZE / 4)), 'unreadable'],
    ['many elements', body(fill('<iCalendar>', '<a/>', '</iCalendar>')), 'unreadable'],
    ['many attributes', body(fill('<iCalendar', ' a="1"', '/>')), 'unreadable'],
    ['deep iCalendar', body('BEGIN:A\r\n'.repeat(SIZE / 10)), 'unreadable'],
    ['many times in XML', body(fill('<iCalendar>', '<FB>20300107T090000Z/PT1H</FB>', '</iCalendar>')), 'unreadable'],
    ['many parameters', body(calendar('FREEBUSY', ';A=B')), 'unreadable'],
    ['many folds', body(calendar('FREEBUSY:', '\r\n 2')), 'unreadable'],
  ])('%s', async (_, respond, failure) => {
    const answer = await lookUp(kind, respond);
    expect(answer).toMatchObject({ failure });
    expect(answer.megabytes).toBeLessThan(200);
  });
});

it('endless promises of an answer stay below 200 MB', async () => {
  const answer = await lookUp('schedule', endless('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(9_999)), 2000);
  expect(answer).toMatchObject({ failure: 'timed-out' });
  expect(answer.megabytes).toBeLessThan(200);
});

it('as many times as fit stay below 200 MB', async () => {
  const answer = await lookUp('lookUp', body(calendar('FREEBUSY:20300107T090000Z/PT1H', ',20300107T090000Z/PT1H')));
  expect(answer.times).toBeGreaterThan(45_000);
  expect(answer.megabytes).toBeLessThan(200);
});
