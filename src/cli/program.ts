import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { type ApplyOptions, applyCommand } from './apply.ts';
import { type DemoOptions, demoCommand } from './demo.ts';
import { exitCodeHelp, exitCodes } from './exit-code.ts';
import { defaultFile } from './files.ts';
import type { CommonOptions } from './output.ts';
import type { Outside } from './outside.ts';
import { type PlanOptions, planCommand } from './plan.ts';
import { validateCommand } from './validate.ts';

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
    .argument('[file]', 'estate file', defaultFile)
    .option('--check', 'plan and tell by the exit code; changes nothing')
    .addOption(only())
    .action(async (file: string, options: PlanOptions & { readonly check?: boolean }, command: Command) => {
      if (!options.check) command.help({ error: true });
      finish(await planCommand('check', file, options, outside));
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
  add('validate', 'check the file: every problem at once; opens no connection')
    .argument('[file]', 'estate file', defaultFile)
    .action(async (file: string, options: CommonOptions) => finish(await validateCommand(file, options, outside)));
  add('plan', 'read the live state and print what differs')
    .argument('[file]', 'estate file', defaultFile)
    .addOption(only())
    .option('-o, --output <file>', 'save the plan for apply')
    .action(async (file: string, options: PlanOptions) => finish(await planCommand('plan', file, options, outside)));
  add('apply', 'carry out a saved plan, or plan, show and ask first')
    .argument('[file]', 'saved plan (.json) or estate file', defaultFile)
    .addOption(only())
    .option('-y, --yes', 'do not ask')
    .option('--allow-moves <n>', 'let this many accounts change sides, over the limit of the file', wholeNumber(0))
    .action(async (file: string, options: ApplyOptions) => finish(await applyCommand(file, options, outside)));
  addDemo(program, outside, finish);
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

function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`Expected a whole number, ${least} or more.`);
    return value;
  };
}

function common(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'))
    .option('--verbose', 'fold nothing')
    .option('--no-color', 'no colour, as NO_COLOR does');
}

function only(): Option {
  return new Option('--only <name...>', 'change these only: hosts, "directory", or kinds');
}
