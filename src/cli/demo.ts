import { count } from '../core/count.ts';
import { type DrawCommand, nextCommands, shellLine, shellWord } from '../core/next-command.ts';
import { printable } from '../core/printable.ts';
import type { LookUp, Rehearsal } from '../ports/rehearsal.ts';
import { makeStyle, type Style } from '../report/text/style.ts';
import { exitCodes } from './exit-code.ts';
import { printFindings, wantsColor } from './output.ts';
import type { Outside } from './outside.ts';

/** The options of `demo`. */
export interface DemoOptions {
  readonly hosts: number;
  readonly users: number;
  readonly fault?: string;
  readonly keep?: boolean;
  readonly yes?: boolean;
  readonly color: boolean;
  readonly draw?: DrawCommand;
}

/** Runs a command line of the shipped program; gives its exit code. */
export type Run = (words: readonly string[], outside: Outside) => Promise<number>;

/** What the steps of the walk share. */
interface Walk {
  readonly rehearsal: Rehearsal;
  readonly options: DemoOptions;
  readonly outside: Outside;
  readonly style: Style;
  readonly run: Run;
}

/** `demo`: starts an estate and walks through the whole job on it, with the shipped commands themselves. */
export async function demoCommand(options: DemoOptions, outside: Outside, run: Run): Promise<number> {
  if (!options.yes && !outside.ask) {
    printFindings([nobody], { ...options, format: 'text' }, outside);
    return exitCodes.error;
  }
  outside.stderr('Starting the estate …\n');
  const rehearsal = await outside.rehearse({ hosts: options.hosts, users: options.users });
  try {
    const style = makeStyle(wantsColor(options, outside));
    return await walk({ rehearsal, options, outside, style, run });
  } finally {
    await rehearsal.stop();
  }
}

const nobody = {
  severity: 'error',
  code: 'cli.nobody-to-ask',
  summary: 'Nobody is there to walk through the demo',
  detail: 'Standard input is not a terminal.\nLet it run through by itself:',
  next: [nextCommands.demo()],
} as const;

/** A step says what is about to happen, does it, and knows which exit code shows that it went as it should. */
async function walk(w: Walk): Promise<number> {
  const { rehearsal, options } = w;
  const known = Object.keys(rehearsal.faults);
  if (options.fault !== undefined && !known.includes(options.fault)) return listFaults(w);
  introduce(w);
  const codes = [
    await show(w, 'before', 'Before: the two sides do not know of each other.'),
    await step(w, 'The file says what the estate should be. Is it sound? Nothing is connected to.', ['validate'], 0),
    await step(
      w,
      'What differs? This is the form for CI: it changes nothing and tells by its exit code.',
      ['--check'],
      2,
    ),
    await step(
      w,
      'Does it work already? This asks the servers what users and servers ask each other, but nothing that does harm.',
      ['verify'],
      4,
    ),
    await step(
      w,
      'A plan is data: it can be saved, reviewed, and carried out later.',
      ['plan', '-o', planFile(rehearsal)],
      2,
    ),
    await step(
      w,
      'Carry out exactly that plan: unique ids, CS6 hosts one by one, accounts, CS7 hosts.',
      ['apply', planFile(rehearsal)],
      0,
    ),
    await step(w, 'And now?', ['--check'], 0),
    await show(w, 'after', 'After: each side finds the other.'),
    await step(w, 'Really? The look-up at the beginning left a calendar on CS6, which now answers.', ['verify'], 2),
    await byHand(w, 'An administrator deletes it:', () => rehearsal.tidy()),
    await step(w, 'Now it works, whichever way one asks.', ['verify'], 0),
    await byHand(w, 'At night somebody changes a few things by hand:', () => rehearsal.meddle()),
    await step(w, 'The next check finds it, and names the line of the file that says otherwise.', ['--check'], 2),
    ...(options.fault === undefined ? [] : await rehearseFault(w, options.fault)),
    await step(w, 'Mend it.', ['apply'], 0),
    await step(w, 'In sync again.', ['--check'], 0),
  ];
  const strayed = codes.filter(ok => !ok).length;
  say(
    w,
    `\n${strayed === 0 ? w.style.good('That was the whole job.') : w.style.bad(`${count(strayed, 'step')} did not go as expected.`)}\n`,
  );
  if (options.keep) await keep(w);
  return strayed === 0 ? exitCodes.done : exitCodes.error;
}

function planFile({ folder }: Rehearsal): string {
  return `${folder}/plan.json`;
}

function say({ outside }: Walk, text: string): void {
  outside.stdout(`${text}\n`);
}

function introduce(w: Walk): void {
  const { rehearsal, style } = w;
  const width = Math.max(...rehearsal.servers.map(server => server.name.length));
  const shown = rehearsal.servers.slice(0, 12);
  say(w, style.strong('A rehearsal estate is up, in its own folder, on loopback:'));
  for (const { name, what, where } of shown) say(w, `  ${name.padEnd(width)}  ${what}  ${style.dim(where)}`);
  if (shown.length < rehearsal.servers.length)
    say(w, `  … and ${count(rehearsal.servers.length - shown.length, 'more host')}`);
  say(w, `\nIts file: ${rehearsal.file}\nCommands of your own, from another terminal:`);
  say(w, `    ${check(rehearsal)}`);
}

/** These are secrets of an estate that lives as long as the demo, made for it; they are shown so that they can be used. */
function check({ environment, file }: Rehearsal): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${shellWord(value)}`);
  return [...variables, commandLine(['--check', file])].join(' ');
}

function commandLine(words: readonly string[]): string {
  return shellLine(['reconcile', ...words]);
}

async function runHere({ rehearsal, outside, run, style }: Walk, words: readonly string[]): Promise<number> {
  const code = await run(words, {
    ...outside,
    environment: { ...outside.environment, ...rehearsal.environment },
    onInterrupt: () => () => {},
  });
  outside.stdout(`${style.dim(`exit code ${code}`)}\n`);
  return code;
}

async function pause({ options, outside }: Walk): Promise<void> {
  if (!options.yes) await outside.ask?.('Press Enter … ');
}

/** Runs a command of the shipped program as a user would type it; true when it ended as expected. */
async function step(w: Walk, text: string, words: readonly string[], expected: number): Promise<boolean> {
  const { rehearsal, options, style } = w;
  const named = [...words, rehearsal.file];
  const agreed = words[0] === 'apply' && options.yes ? [...named, '--yes'] : named;
  const line = [...agreed, ...(options.color ? [] : ['--no-color'])];
  say(w, `\n${style.strong(text)}`);
  await pause(w);
  say(w, style.dim(`$ ${commandLine(agreed)}`));
  const code = await runHere(w, line);
  if (code !== expected) say(w, style.bad(`expected ${expected}`));
  return code === expected;
}

/** Asks for free/busy over HTTP; before the first apply no question across the sides may work, after it every one must. */
async function show(w: Walk, when: 'before' | 'after', text: string): Promise<boolean> {
  const { rehearsal, style } = w;
  say(w, `\n${style.strong(text)}`);
  await pause(w);
  const lookUps = await rehearsal.lookUp(when);
  for (const lookUp of lookUps) say(w, lookUpLine(lookUp, style));
  return lookUps.every(lookUp => lookUp.worked === (when === 'after'));
}

function lookUpLine({ question, worked, answer }: LookUp, style: Style): string {
  return `  ${worked ? style.good('works') : style.bad('fails')}  ${question}: ${printable(answer)}`;
}

async function byHand(w: Walk, text: string, act: () => Promise<readonly string[]>): Promise<boolean> {
  say(w, `\n${w.style.strong(text)}`);
  await pause(w);
  for (const line of await act()) say(w, `  ${printable(line)}`);
  return true;
}

/** Whatever the fault does to the apply, afterwards the job can be finished: that is what the rest of the walk shows. */
async function rehearseFault(w: Walk, fault: string): Promise<readonly boolean[]> {
  const { rehearsal, style, options } = w;
  say(w, `\n${style.strong(`Now something goes wrong: ${rehearsal.faults[fault]}`)}`);
  await pause(w);
  await rehearsal.setFault(fault);
  const line = ['apply', rehearsal.file, '--yes'];
  say(w, style.dim(`$ ${commandLine(line)}`));
  await runHere(w, [...line, ...(options.color ? [] : ['--no-color'])]);
  await rehearsal.clearFaults();
  say(w, '\nThat is over; what was left is finished by running again.');
  return [];
}

function listFaults(w: Walk): number {
  const { rehearsal, options } = w;
  const width = Math.max(...Object.keys(rehearsal.faults).map(name => name.length));
  for (const [name, meaning] of Object.entries(rehearsal.faults)) say(w, `${name.padEnd(width)}  ${meaning}`);
  return options.fault === 'list' ? exitCodes.done : exitCodes.error;
}

async function keep(w: Walk): Promise<void> {
  say(w, `The estate stays up until Ctrl-C.\n    ${check(w.rehearsal)}`);
  await w.rehearsal.untilInterrupted();
}
