import { styleText } from 'node:util';
import {
  type AddHelpTextContext,
  Argument,
  type Command,
  type HelpConfiguration,
  type OutputConfiguration,
} from 'commander';
import { exitCodeHelp, exitCodes } from '../core/report.ts';
import { shapeOf } from './command-shape.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completion-scripts.ts';
import type { Environment } from './environment.ts';
import { manPage } from './man-page.ts';

/** A command line, and what it is good for. */
interface Example {
  readonly line: string;
  readonly tells: string;
}

/** Examples by the name of the command; those of the program itself under its own. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  reconcile: [
    { line: 'reconcile validate', tells: 'is estate.yaml right?' },
    { line: 'reconcile --check', tells: 'does the estate differ from it?' },
    { line: 'reconcile plan -o plan.json && reconcile apply plan.json', tells: 'show it, then do exactly that' },
    { line: 'reconcile explain plan.too-many-moves', tells: 'what a message means' },
  ],
  validate: [
    { line: 'reconcile validate base.yaml prod.yaml', tells: 'two files as one' },
    { line: 'reconcile validate --format github', tells: 'in a workflow of GitHub: annotations on the lines' },
  ],
  plan: [
    { line: 'reconcile plan -o plan.json', tells: 'keep it, to apply just that' },
    {
      line: 'reconcile plan -o plan.json --report comment.md --report plan.sarif --report page.html',
      tells: 'all that a pull request needs, in one run',
    },
    { line: 'reconcile plan --base origin/main', tells: 'what this branch changes, told apart from drift' },
    {
      line: 'reconcile --check --base HEAD^1 --connections-from HEAD^1',
      tells: 'in the job of a pull request: its file does not say where to connect',
    },
  ],
  apply: [
    { line: 'reconcile apply', tells: 'plan, show, ask, carry out' },
    { line: 'reconcile apply plan.json --yes', tells: 'carry out a reviewed plan of estate.yaml without asking' },
    {
      line: 'reconcile apply plan.json -f base.yaml -f prod.yaml --report junit:apply.xml',
      tells: 'one that was made of these files, and a CI sees what became of each change',
    },
    { line: 'reconcile apply --allow-moves 4812', tells: 'over a limit, by the number the message says' },
  ],
  drift: [
    { line: 'reconcile drift', tells: 'what somebody changed by hand, and who' },
    { line: 'reconcile drift --every 15m --jitter 20', tells: 'stay, and look again' },
  ],
  audit: [
    { line: 'reconcile audit --list split-brain limbo', tells: 'who is on both sides, or on none' },
    { line: 'reconcile audit --format csv --list not-good -o list.csv', tells: 'for a spreadsheet' },
  ],
  verify: [
    { line: 'reconcile verify', tells: 'does free/busy work across both sides?' },
    { line: 'reconcile verify --probe jdoe@example.com', tells: 'about this account' },
  ],
  undo: [
    { line: 'reconcile runs', tells: 'which runs there were' },
    { line: 'reconcile undo 20261122T140509Z-5e232563', tells: 'take one back' },
    { line: 'reconcile undo 20261122T140509Z-5e232563 --manual /tmp', tells: 'only write down how to' },
  ],
  merge: [
    { line: 'reconcile plan --shard 1/4 -o part-1.json', tells: 'in four jobs, each with its number' },
    {
      line: 'reconcile merge part-1.json part-2.json part-3.json part-4.json -o plan.json',
      tells: 'in one job after them',
    },
  ],
  snapshot: [
    { line: 'reconcile snapshot -o live.jsonl.gz', tells: 'in a job that may read the estate' },
    { line: 'reconcile plan --live live.jsonl.gz', tells: 'in one that may not' },
  ],
  runs: [
    { line: 'reconcile runs', tells: 'the newest first' },
    { line: 'reconcile runs --runs records --format json', tells: 'kept in another folder, as data' },
  ],
  status: [{ line: 'reconcile status', tells: 'the last run, and what of it is half done' }],
  lock: [
    { line: 'reconcile lock list', tells: 'who is at work, and which watchdogs wait' },
    { line: 'reconcile lock break cs6-fe1', tells: 'take the lock of a dead run away, and call its watchdogs off' },
  ],
  explain: [
    { line: 'reconcile explain estate.url-without-port', tells: 'a finding code' },
    { line: "reconcile explain 'cohorts.*.members'", tells: 'a key of the file' },
    { line: 'reconcile explain davcore.scheduling.localuserattr', tells: 'a live setting' },
  ],
  why: [
    { line: 'reconcile why cs6-be1 local.autoprovision', tells: 'a key of ics.conf' },
    { line: 'reconcile why directory davStore', tells: 'an attribute' },
  ],
  schema: [
    { line: 'reconcile schema > estate.schema.json', tells: 'for an editor' },
    { line: 'reconcile schema report', tells: 'of what --format json prints' },
  ],
  completion: [
    { line: 'reconcile completion fish > ~/.config/fish/completions/reconcile.fish', tells: 'where fish looks for it' },
  ],
  man: [{ line: 'reconcile man > reconcile.1', tells: 'for man ./reconcile.1' }],
  demo: [
    { line: 'reconcile demo', tells: 'a walk through the whole job, on this machine' },
    { line: 'reconcile demo --yes --fault list', tells: 'what can go wrong on the way' },
  ],
};

/** Where help goes, and whether it is painted there. */
export function helpOutput(environment: Environment): OutputConfiguration {
  const paints = (isTerminal: boolean) => () => isTerminal && !environment.variables['NO_COLOR'];
  return {
    writeOut: environment.terminal.stdout,
    writeErr: environment.terminal.stderr,
    getOutHasColors: paints(environment.terminal.stdoutIsTerminal),
    getErrHasColors: paints(environment.terminal.stderrIsTerminal),
  };
}

/** How help looks on a terminal that takes colour; commander takes the colour away elsewhere. */
export const helpStyle: HelpConfiguration = {
  styleTitle: text => paint('bold', text),
  styleCommandText: text => paint('cyan', text),
  styleSubcommandText: text => paint('cyan', text),
  styleOptionText: text => paint('green', text),
  styleArgumentText: text => paint('yellow', text),
};

/** What stands below the options of a command: examples, then the exit codes. */
export function helpAfter({ command }: AddHelpTextContext): string {
  const known = examples[command.name()] ?? [];
  const lines = known.flatMap(({ line, tells }) => [`  ${paint('cyan', line)}`, `      ${tells}`]);
  const shown = lines.length > 0 ? `\n${paint('bold', 'Examples:')}\n${lines.join('\n')}\n` : '';
  return `${shown}${exitCodeHelp.replace(/^.*:$/m, title => paint('bold', title))}`;
}

/** Whether help is painted is decided by whom it is written for. */
function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { validateStream: false });
}

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `completion` and `man`: both are made of the command tree when they are asked for. */
export function addCompletion(program: Command, environment: Environment, finish: (code: number) => void): void {
  const print = (text: string) => {
    environment.terminal.stdout(text);
    finish(exitCodes.done);
  };
  program
    .command('completion')
    .copyInheritedSettings(program)
    .addHelpText('after', helpAfter)
    .description('what a shell completes command lines with')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => print(shells[shell](shapeOf(program))));
  program
    .command('man')
    .copyInheritedSettings(program)
    .addHelpText('after', helpAfter)
    .description('the manual page: reconcile man | man -l -')
    .action(() =>
      print(manPage(shapeOf(program), { version: environment.version, exitCodes: exitCodeHelp, examples })),
    );
}
