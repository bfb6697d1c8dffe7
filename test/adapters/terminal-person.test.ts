import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { TerminalPerson } from '../../src/adapters/local/terminal-person.ts';

function open() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const interrupt = vi.fn();
  const person = new TerminalPerson(input, output, interrupt);
  const printed = () => String(output.read() ?? '');
  const type = async (text: string) => {
    await turn();
    input.write(text);
    await turn();
  };
  return { person, printed, type, interrupt };
}

test('what is typed at a hidden question is not shown, and what is printed meanwhile follows after it', async () => {
  const { person, printed, type } = open();
  const answer = person.ask('root@cs6 asks: "Password:" ', { hidden: true });
  await type('secr');
  person.print('a message\n');
  await type('et\r');
  expect(await answer).toBe('secret');
  expect(printed()).toBe('\r\u001b[Kroot@cs6 asks: "Password:" \na message\n');
  person.print('later\n');
  expect(printed()).toBe('later\n');
});

test('what is typed at an open question is shown', async () => {
  const { person, printed, type } = open();
  const answer = person.ask('Apply? ', { hidden: false });
  await type('yes\r');
  expect(await answer).toBe('yes');
  expect(printed()).toContain('yes');
});

test('one question at a time; one that is taken back makes room for the next', async () => {
  const { person, printed, type } = open();
  const leaving = new AbortController();
  const first = person.ask('first: ', { hidden: true, signal: leaving.signal });
  const second = person.ask('second: ', { hidden: true });
  const third = person.ask('third: ', { hidden: true, signal: leaving.signal });
  const left = Promise.allSettled([first, third]);
  await turn();
  expect(printed()).not.toContain('second');
  leaving.abort();
  await type('two\r');
  expect(await second).toBe('two');
  expect((await left).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(printed()).not.toContain('third');
});

test('Ctrl-C is an interrupt', async () => {
  const { person, type, interrupt } = open();
  const answer = person.ask('Password: ', { hidden: true });
  await type('\u0003');
  expect(interrupt).toHaveBeenCalledOnce();
  await type('x\r');
  await answer;
});

test('the end of the input is an interrupt, and an answer is none', async () => {
  const { person, type, interrupt } = open();
  const answer = person.ask('name: ', { hidden: false });
  await type('x\r');
  expect([await answer, interrupt.mock.calls.length]).toEqual(['x', 0]);
  person.ask('name: ', { hidden: false }).catch(() => {});
  await type('\u0004');
  expect(interrupt).toHaveBeenCalledOnce();
});
