import { Command, CommanderError, Option } from 'commander';
import { applyCommand } from './apply.ts';
import { type ApplyOptions, addApplyOptions } from './apply-options.ts';
import { type AuditOptions, addAuditOptions, auditCommand } from './audit.ts';
import { type DemoOptions, demoCommand } from './demo.ts';
import { exitCodeHelp, exitCodes } from './exit-code.ts';
import { explainCommand } from './explain.ts';
import { namedFiles } from './files.ts';
import { lockBreakCommand, lockListCommand } from './lock.ts';
import type { CommonOptions } from './output.ts';
import type { Outside } from './outside.ts';
import { type PlanOptions, planCommand } from './plan.ts';
import { type RunsOptions, runsCommand } from './runs.ts';
import { schemaCommand } from './schema.ts';
import { type UndoOptions, undoCommand } from './undo.ts';
import { validateCommand } from './validate.ts';
import { wholeNumber } from './whole-number.ts';
import { whyCommand } from './why.ts';

/** Runs one command line, without the program's own name; gives the exit code. */
export async function runCommandLine(words: readonly string[], outside: Outside): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = buildProgram(outside, code => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.error;
    throw error;
  }
}

function buildProgram(outside: Outside, finish: (code: number) => void): Command {
  const program = common(new Command('reconcile'))
    .description('Keeps Calendar Server 6.3 and Calendar Server 7 in coexistence, as a file says.')
    .version(outside.version)
    .configureOutput({ writeOut: outside.stdout, writeErr: outside.stderr })
    .exitOverride()
    .enablePositionalOptions()
    .addHelpText('after', exitCodeHelp)
    .argument('[file...]', estateFiles)
    .addOption(file())
    .option('--check', 'plan and tell by the exit code; changes nothing')
    .addOption(only())
    .addOption(runsOption())
    .action(async (files: string[], options: PlanOptions & FileOptions & { readonly check?: boolean }, command) => {
      if (!options.check) command.help({ error: true });
      finish(await planCommand('check', namedFiles(options.file, files), options, outside));
    });
  addCommands(program, outside, finish);
  return program;
}

function addCommands(program: Command, outside: Outside, finish: (code: number) => void): void {
  const add = (name: string, description: string): Command =>
    common(program.command(name))
      .description(description)
      .copyInheritedSettings(program)
      .addHelpText('after', exitCodeHelp);
  // A -f before the name of the command is one of the program's own.
  const named = (files: string[], options: FileOptions) =>
    namedFiles(program.opts<FileOptions>().file, options.file, files);
  add('validate', 'check the files: every problem at once; opens no connection')
    .argument('[file...]', estateFiles)
    .addOption(file())
    .action(async (files: string[], options: CommonOptions & FileOptions) =>
      finish(await validateCommand(named(files, options), options, outside)),
    );
  add('plan', 'read the live state and print what differs')
    .argument('[file...]', estateFiles)
    .addOption(file())
    .addOption(only())
    .option('-o, --output <file>', 'save the plan for apply')
    .addOption(runsOption())
    .action(async (files: string[], options: PlanOptions & FileOptions) =>
      finish(await planCommand('plan', named(files, options), options, outside)),
    );
  addApplyOptions(add('apply', 'carry out a saved plan, or plan, show and ask first'))
    .argument('[file...]', `saved plan (.json), or ${estateFiles}`)
    .addOption(file())
    .addOption(only())
    .addOption(runsOption())
    .action(async (files: string[], options: ApplyOptions & FileOptions) =>
      finish(await applyCommand(named(files, options), options, outside)),
    );
  addAuditOptions(add('audit', 'hold every account against the truth table; changes nothing'))
    .argument('[file...]', estateFiles)
    .addOption(file())
    .action(async (files: string[], options: AuditOptions & FileOptions) =>
      finish(await auditCommand(named(files, options), options, outside)),
    );
  addRuns(add, named, outside, finish);
  addLocks(add, named, outside, finish);
  addExplanations(add, named, outside, finish);
  addDemo(program, outside, finish);
}

function addRuns(
  add: (name: string, description: string) => Command,
  named: (files: string[], options: FileOptions) => readonly string[],
  outside: Outside,
  finish: (code: number) => void,
): void {
  add('undo', 'take back what a run did, where nobody has changed it since; shows and asks first')
    .argument('<run>', 'the name of the run, as `reconcile runs` lists it')
    .argument('[file...]', estateFiles)
    .addOption(file())
    .addOption(only())
    .option('-y, --yes', 'do not ask')
    .option('--manual <folder>', 'only write LDIF and commands that do it without this program')
    .addOption(runsOption())
    .action(async (run: string, files: string[], options: UndoOptions & FileOptions) =>
      finish(await undoCommand(run, named(files, options), options, outside)),
    );
  for (const [command, description] of [
    ['runs', 'what was done when, the newest first'],
    ['status', 'the last run, and what of it is half done'],
  ] as const)
    add(command, description)
      .argument('[file...]', estateFiles)
      .addOption(file())
      .addOption(runsOption())
      .action(async (files: string[], options: RunsOptions & FileOptions) =>
        finish(await runsCommand(command, named(files, options), options, outside)),
      );
}

function addLocks(
  add: (name: string, description: string) => Command,
  named: (files: string[], options: FileOptions) => readonly string[],
  outside: Outside,
  finish: (code: number) => void,
): void {
  add('lock', 'who holds the lock of which host: list, or break HOST where the holder is known to be dead')
    .argument('<action>', 'list or break')
    .argument('[host]', 'the host, for break')
    .addOption(file())
    .action(
      async (action: string, host: string | undefined, options: CommonOptions & FileOptions, command: Command) => {
        if (action === 'list') finish(await lockListCommand(named([], options), options, outside));
        else if (action === 'break' && host !== undefined)
          finish(await lockBreakCommand(host, named([], options), options, outside));
        else command.help({ error: true });
      },
    );
}

function addExplanations(
  add: (name: string, description: string) => Command,
  named: (files: string[], options: FileOptions) => readonly string[],
  outside: Outside,
  finish: (code: number) => void,
): void {
  add('explain', 'a finding code, a key of the file or a live setting: what it is, why, what to do')
    .argument('[name]', 'what to explain; left out: all there is, one line each')
    .addOption(file())
    .action(async (name: string | undefined, options: CommonOptions & FileOptions) =>
      finish(await explainCommand({ name, files: named([], options) }, options, outside)),
    );
  add('why', 'what a setting must be on a host, why, and which line of the file asks for it')
    .argument('<host>', 'a host of the file, or "directory"')
    .argument('<key>', 'a key of ics.conf, a davadmin option, a mail domain or an LDAP attribute')
    .argument('[file...]', estateFiles)
    .addOption(file())
    .action(async (target: string, key: string, files: string[], options: CommonOptions & FileOptions) =>
      finish(await whyCommand({ target, key, files: named(files, options) }, options, outside)),
    );
  add('schema', 'the JSON Schema of the file, for editors').action(() => finish(schemaCommand(outside)));
}

function addDemo(program: Command, outside: Outside, finish: (code: number) => void): void {
  program
    .command('demo')
    .copyInheritedSettings(program)
    .description('a rehearsal estate on this machine, and a walk through everything on it')
    .option('--hosts <n>', 'how many hosts', wholeNumber(2), 3)
    .option('--users <n>', 'how many users', wholeNumber(10), 300)
    .option('--fault <name>', 'make something go wrong on the way; "list" lists what can')
    .option('--keep', 'stay up at the end, for commands of your own')
    .option('-y, --yes', 'run through without asking')
    .option('--no-color', 'no colour, as NO_COLOR does')
    .action(async (options: DemoOptions) => finish(await demoCommand(options, outside, runCommandLine)));
}

function common(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'))
    .option('--verbose', 'fold nothing')
    .option('--no-color', 'no colour, as NO_COLOR does');
}

interface FileOptions {
  readonly file?: readonly string[];
}

const estateFiles = 'estate files, merged by key (default: estate.yaml)';

function file(): Option {
  return new Option('-f, --file <file>', 'an estate file; may be given several times').argParser(
    (name: string, before: readonly string[] = []) => [...before, name],
  );
}

function runsOption(): Option {
  return new Option('--runs <folder>', 'where the records of runs are kept (default: in ~/.local/state/reconcile)');
}

function only(): Option {
  return new Option('--only <name...>', 'change these only: hosts, "directory", or kinds');
}
