import { Argument, type Command } from 'commander';
import { exitCodeHelp, exitCodes } from '../core/exit-code.ts';
import { bashCompletion } from './completion/bash.ts';
import { shapeOf } from './completion/command-shape.ts';
import { fishCompletion } from './completion/fish.ts';
import { manPage } from './completion/man-page.ts';
import { zshCompletion } from './completion/zsh.ts';
import type { Environment } from './environment.ts';
import { examples, helpAfter } from './help.ts';

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
