import { type RehearsalStep, rehearsalSteps } from '../app/rehearsal-steps.ts';
import { type DrawCommand, nextCommands, shellLine, shellWord } from '../core/next-command.ts';
import { printable } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import type { LookUp, Rehearsal } from '../ports/rehearsal.ts';
import type { Style } from '../report/text/layout.ts';
import type { Environment } from './environment.ts';
import { printFindings, styleOn } from './output.ts';

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
export type Run = (words: readonly string[], environment: Environment) => Promise<number>;

/** What the steps of the walk share. */
interface Walk {
  readonly rehearsal: Rehearsal;
  readonly options: DemoOptions;
  readonly environment: Environment;
  readonly style: Style;
  readonly run: Run;
}

/** `demo`: starts an estate and walks through the whole job on it, with the shipped commands themselves. */
export async function demoCommand(options: DemoOptions, environment: Environment, run: Run): Promise<number> {
  const faults = await environment.listFaults();
  if (options.fault !== undefined && !Object.keys(faults).includes(options.fault))
    return listFaults(faults, options.fault, environment);
  if (!options.yes && !environment.terminal.ask) {
    printFindings([nobody], { ...options, format: 'text' }, environment);
    return exitCodes.error;
  }
  environment.terminal.stderr('Starting the rehearsal estate …\n');
  const rehearsal = await environment.rehearse({ hosts: options.hosts, users: options.users });
  try {
    const style = styleOn('stdout', options, environment);
    return await walk({ rehearsal, options, environment, style, run });
  } finally {
    await rehearsal.stop();
  }
}

const nobody = finding('cli.nobody-to-ask', {
  detail: 'Standard input is not a terminal, so the demo cannot wait for Enter.\nTo run it without waiting:',
  next: [nextCommands.demo()],
});

async function walk(w: Walk): Promise<number> {
  const { rehearsal, options } = w;
  introduce(w);
  let strayed = 0;
  for (const step of rehearsalSteps(rehearsal, options.fault)) {
    say(w, `\n${w.style.strong(step.text)}`);
    await pause(w);
    if (!(await take(w, step))) strayed += 1;
  }
  const end =
    strayed === 0
      ? w.style.good('That was the whole job.')
      : w.style.bad(`${count(strayed, 'step')} did not go as expected.`);
  say(w, `\n${end}\n`);
  if (options.keep) await keep(w);
  return strayed === 0 ? exitCodes.done : exitCodes.error;
}

/** Takes a step; true when it went as it should. */
function take(w: Walk, step: RehearsalStep): Promise<boolean> {
  if ('words' in step) return runStep(w, step.words, step.expected);
  if ('lookUp' in step) return showLookUps(w, step.lookUp);
  return 'fault' in step ? rehearseFault(w, step.fault) : actByHand(w, step.byHand);
}

function say({ environment }: Walk, text: string): void {
  environment.terminal.stdout(`${text}\n`);
}

function introduce(w: Walk): void {
  const { rehearsal, style } = w;
  const width = Math.max(...rehearsal.servers.map(server => server.name.length));
  const shown = rehearsal.servers.slice(0, 12);
  say(w, style.strong('A rehearsal estate runs on this machine, in its own folder and on loopback addresses:'));
  for (const { name, what, where } of shown) say(w, `  ${name.padEnd(width)}  ${what}  ${style.dim(where)}`);
  if (shown.length < rehearsal.servers.length)
    say(w, `  … and ${count(rehearsal.servers.length - shown.length, 'more host')}`);
  say(w, `\nThe estate file: ${rehearsal.file}\nTo run your own commands, start with these in another terminal:`);
  for (const line of ownCommands(w)) say(w, `    ${line}`);
}

/** These are secrets of an estate that lives as long as the demo, made for it; they are shown so that they can be used. */
function ownCommands({ rehearsal, environment: { calledAs } }: Walk): readonly string[] {
  const variables = Object.entries(rehearsal.environment).map(([name, value]) => `${name}=${shellWord(value)}`);
  return [`export ${variables.join(' ')}`, `${calledAs} ${shellLine(['check', rehearsal.file])}`];
}

async function runHere(w: Walk, words: readonly string[]): Promise<number> {
  const { rehearsal, environment, options, run, style } = w;
  say(w, style.dim(`$ ${environment.calledAs} ${shellLine(words)}`));
  const code = await run([...words, ...(options.color ? [] : ['--no-color'])], {
    ...environment,
    variables: { ...environment.variables, ...rehearsal.environment },
    terminal: { ...environment.terminal, onInterrupt: () => () => {} },
  });
  environment.terminal.stdout(`${style.dim(`exit code ${code}`)}\n`);
  return code;
}

async function pause({ options, environment }: Walk): Promise<void> {
  if (!options.yes) await environment.terminal.ask?.('Press Enter … ');
}

/** Runs a command of the shipped program as a user would type it. */
async function runStep(w: Walk, words: readonly string[], expected: number): Promise<boolean> {
  const { rehearsal, options, style } = w;
  const named = [...words, rehearsal.file];
  const agreed = words[0] === 'apply' && options.yes ? [...named, '--yes'] : named;
  const code = await runHere(w, agreed);
  if (code !== expected) say(w, style.bad(`expected ${expected}`));
  return code === expected;
}

/** Asks for free/busy over HTTP. */
async function showLookUps(w: Walk, when: 'before' | 'after'): Promise<boolean> {
  const lookUps = await w.rehearsal.lookUp(when);
  for (const lookUp of lookUps) say(w, lookUpLine(lookUp, w.style));
  return lookUps.every(lookUp => lookUp.worked === (when === 'after'));
}

function lookUpLine({ question, worked, answer }: LookUp, style: Style): string {
  return `  ${worked ? style.good('works') : style.bad('fails')}  ${question}: ${printable(answer)}`;
}

async function actByHand(w: Walk, act: () => Promise<readonly string[]>): Promise<boolean> {
  for (const line of await act()) say(w, `  ${printable(line)}`);
  return true;
}

async function rehearseFault(w: Walk, fault: string): Promise<boolean> {
  const { rehearsal } = w;
  await rehearsal.setFault(fault);
  await runHere(w, ['apply', rehearsal.file, '--yes']);
  await rehearsal.clearFaults();
  say(w, '\nThe fault is over. The next run finishes what is left.');
  return true;
}

/** Lists what `--fault` takes: as the result where that was asked, and as the help of a slip otherwise. */
function listFaults(
  faults: Readonly<Record<string, string>>,
  asked: string,
  { terminal: { stdout, stderr } }: Environment,
): number {
  const width = Math.max(...Object.keys(faults).map(name => name.length));
  const lines = Object.entries(faults).map(([name, meaning]) => `${name.padEnd(width)}  ${meaning}\n`);
  if (asked === 'list') stdout(lines.join(''));
  else stderr(`error: There is no fault "${printable(asked)}". The demo knows:\n${lines.join('')}`);
  return asked === 'list' ? exitCodes.done : exitCodes.error;
}

async function keep(w: Walk): Promise<void> {
  say(w, ['The estate runs until you press Ctrl-C.', ...ownCommands(w).map(line => `    ${line}`)].join('\n'));
  await w.rehearsal.untilInterrupted();
}
