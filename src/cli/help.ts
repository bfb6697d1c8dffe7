import { styleText } from 'node:util';
import {
  type AddHelpTextContext,
  Argument,
  type Command,
  Help,
  type HelpConfiguration,
  type Option,
  type OutputConfiguration,
} from 'commander';
import { shellLine } from '../core/next-command.ts';
import { printable } from '../core/printable.ts';
import { exitCodeHelp, exitCodes } from '../core/report.ts';
import { nearestNames } from '../explain/schema-keys.ts';
import { shapeOf } from './command-shape.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completion-scripts.ts';
import { type Environment, textColumns, wantsColor } from './environment.ts';
import { manPage } from './man-page.ts';

/** A command line, and what it is good for. */
interface Example {
  readonly line: string;
  readonly tells: string;
}

/** Examples by the name of the command; those of the program itself under its own. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  reconcile: [
    { line: 'reconcile demo', tells: 'try everything on this machine' },
    { line: 'reconcile check', tells: 'does the estate match estate.yaml?' },
    {
      line: 'reconcile plan -o plan.json && reconcile apply plan.json',
      tells: 'show the changes, then apply exactly these',
    },
    { line: 'reconcile explain plan.too-many-moves', tells: 'explain a message' },
  ],
  validate: [
    { line: 'reconcile validate base.yaml prod.yaml', tells: 'check two files as one' },
    { line: 'reconcile validate --format github', tells: 'print annotations for a GitHub workflow' },
  ],
  check: [
    { line: 'reconcile check', tells: 'compare the estate with estate.yaml' },
    { line: 'reconcile check base.yaml prod.yaml --report junit:check.xml', tells: 'write a JUnit report as well' },
    {
      line: 'reconcile check --base HEAD^1 --connections-from HEAD^1',
      tells: 'check a pull request; connect only as the target branch says',
    },
  ],
  plan: [
    { line: 'reconcile plan -o plan.json', tells: 'save the plan, to apply exactly this one' },
    {
      line: 'reconcile plan -o plan.json --report comment.md --report plan.sarif --report page.html',
      tells: 'write everything that a pull request needs',
    },
    { line: 'reconcile plan --base origin/main', tells: 'separate what this branch changes from drift' },
    { line: 'reconcile plan --at 2026-12-05 --only finance', tells: 'show what that day will move of one cohort' },
  ],
  apply: [
    { line: 'reconcile apply', tells: 'plan, show the plan, ask, and apply it' },
    {
      line: 'reconcile apply plan.json -f base.yaml -f prod.yaml --report junit:apply.xml',
      tells: 'apply a plan of these files, and report each change to CI',
    },
    {
      line: 'reconcile apply plan.json --yes --lock-wait 10m',
      tells: 'apply a reviewed plan, after any run that holds a lock',
    },
    { line: 'reconcile apply --allow-moves 4812', tells: 'allow 4,812 moves, although a limit is lower' },
  ],
  drift: [
    { line: 'reconcile drift', tells: 'show what was changed by hand, and who changed it' },
    { line: 'reconcile drift --every 15m --jitter 20', tells: 'check again every 15 minutes, give or take 20 %' },
    {
      line: 'reconcile drift --accept cs6-be1:service.http.idletimeout',
      tells: 'edit the file, so that the live value is wanted',
    },
  ],
  audit: [
    { line: 'reconcile audit --list split-brain,limbo', tells: 'list the accounts on both servers or on none' },
    { line: 'reconcile audit --format csv --list not-good -o list.csv', tells: 'write a list for a spreadsheet' },
  ],
  page: [
    { line: 'reconcile page -o site', tells: 'write the pages to a folder, for any web server' },
    { line: 'reconcile drift --every 15m --page /var/www/reconcile', tells: 'stay, and keep the pages current' },
  ],
  verify: [
    { line: 'reconcile verify', tells: 'does free/busy work between both servers?' },
    { line: 'reconcile verify --probe jdoe@example.com', tells: 'test this account' },
  ],
  doctor: [
    { line: 'reconcile doctor', tells: 'check connections, rights and tools of every target' },
    { line: 'reconcile doctor cs6-fe1 directory', tells: 'check these two only, step by step' },
    { line: 'reconcile doctor --trust cs6-fe1', tells: 'show the host key of a new host, and add it' },
  ],
  import: [
    { line: 'reconcile import', tells: 'ask for what is missing, and write estate.yaml' },
    {
      line: 'reconcile import --cs6 cs6-fe1 --cs7 cs7-fe1 --ldap ldaps://ds1.example.com --bind-dn cn=reconcile,o=isp --password-env LDAP_PASSWORD',
      tells: 'ask nothing; what is unclear is listed with the option that decides it',
    },
    { line: 'reconcile import --adopt service.http.idletimeout --coverage', tells: 'manage one more setting' },
  ],
  undo: [
    { line: 'reconcile runs', tells: 'list the runs' },
    { line: 'reconcile undo 20261122T140509Z-5e232563', tells: 'reverse one of them' },
    {
      line: 'reconcile undo 20261122T140509Z-5e232563 --and-later',
      tells: 'reverse it and all later ones, as one plan',
    },
    { line: 'reconcile undo 20261122T140509Z-5e232563 --manual /tmp', tells: 'only write down how to reverse it' },
  ],
  merge: [
    { line: 'reconcile plan --shard 1/4 -o part-1.json', tells: 'in each of four jobs, with its number' },
    {
      line: 'reconcile merge part-1.json part-2.json part-3.json part-4.json -o plan.json',
      tells: 'in one job after the four',
    },
  ],
  snapshot: [
    { line: 'reconcile snapshot -o live.jsonl.gz', tells: 'in a job that may connect' },
    { line: 'reconcile plan --live live.jsonl.gz', tells: 'in a job without credentials' },
  ],
  runs: [
    { line: 'reconcile runs', tells: 'list the runs, the newest first' },
    { line: 'reconcile runs --since 7d --target cs6-fe1', tells: 'list the runs of a week that changed a host' },
    { line: 'reconcile runs 20261122T140509Z-5e232563', tells: 'show a run with its changes and results' },
  ],
  status: [{ line: 'reconcile status', tells: 'show the last run and its unfinished writes' }],
  lock: [
    { line: 'reconcile lock list', tells: 'show which run works on which host, and which watchdogs wait' },
    { line: 'reconcile lock break cs6-fe1', tells: 'remove the lock of a dead run, and stop its watchdogs' },
  ],
  explain: [
    { line: 'reconcile explain estate.url-without-port', tells: 'a finding code' },
    { line: "reconcile explain 'cohorts.*.members'", tells: 'a key of the file' },
    { line: 'reconcile explain davcore.scheduling.localuserattr', tells: 'a live setting' },
  ],
  why: [
    { line: 'reconcile why cs6-be1 local.autoprovision', tells: 'a key of ics.conf' },
    { line: 'reconcile why directory davStore', tells: 'an attribute of accounts' },
  ],
  example: [{ line: 'reconcile example > estate.yaml', tells: 'then change it, and run: reconcile validate' }],
  schema: [
    { line: 'reconcile schema > estate.schema.json', tells: 'the schema of the file, for an editor' },
    { line: 'reconcile schema report', tells: 'the schema of what --format json prints' },
  ],
  completion: [
    { line: 'reconcile completion fish > ~/.config/fish/completions/reconcile.fish', tells: 'where fish looks for it' },
  ],
  man: [{ line: 'reconcile man > reconcile.1', tells: 'then: man ./reconcile.1' }],
  help: [{ line: 'reconcile help plan', tells: 'the same as reconcile plan --help' }],
  demo: [
    { line: 'reconcile demo', tells: 'walk through the whole job' },
    { line: 'reconcile demo --fault list', tells: 'list the faults that the demo can rehearse' },
  ],
};

/** Where help goes, and whether it is painted there. */
export function helpOutput(environment: Environment): OutputConfiguration {
  return {
    writeOut: environment.terminal.stdout,
    writeErr: environment.terminal.stderr,
    getOutHasColors: () => wantsColor({ color: true }, environment, 'stdout'),
    getOutHelpWidth: () => textColumns(environment, 'stdout'),
    getErrHelpWidth: () => textColumns(environment, 'stderr'),
    getErrHasColors: () => wantsColor({ color: true }, environment, 'stderr'),
  };
}

/** The options of nearly every command. */
const lastOptions: readonly string[] = [
  '--format',
  '--verbose',
  '--quiet',
  '--chdir',
  '--no-color',
  '--version',
  '--help',
];

/** How help looks on a terminal that takes colour; commander takes the colour away elsewhere. */
export const helpStyle: HelpConfiguration = {
  styleTitle: text => paint('bold', text),
  styleCommandText: text => paint('cyan', text),
  styleSubcommandText: text => paint('cyan', text),
  styleOptionText: text => paint('green', text),
  styleArgumentText: text => paint('yellow', text),
  // What the command alone has comes before what nearly all have.
  visibleOptions: command => {
    const all = Help.prototype.visibleOptions.call(new Help(), command);
    const isCommon = ({ long }: Option) => lastOptions.includes(long ?? '');
    return [...all.filter(one => !isCommon(one)), ...all.filter(isCommon)];
  },
  formatHelp: (command, helper) =>
    command.parent ? Help.prototype.formatHelp.call(helper, command, helper) : rootHelp(command, helper),
};

/** The commands of the help of the whole program, by what they are for. */
const commandGroups: Readonly<Record<string, readonly string[]>> = {
  'Look, and change nothing:': ['validate', 'check', 'plan', 'drift', 'verify', 'audit', 'page', 'doctor'],
  'Change the estate, and look back:': ['apply', 'undo', 'runs', 'status', 'lock'],
  'Plan in parts, or without credentials:': ['snapshot', 'merge'],
  'Learn and set up:': ['demo', 'import', 'example', 'explain', 'why', 'schema', 'completion', 'man', 'help'],
};

/** The options that the help of the whole program shows, in one line each. */
const commonOptions: Readonly<Record<string, string>> = {
  '-f, --file': 'the estate file (default: $RECONCILE_FILE or estate.yaml)',
  '-C, --chdir': 'work as if started in this folder',
  '--format': 'text, json, markdown, html, junit, sarif or github',
  '-q, --quiet': 'print only errors and the end of the report',
  '--verbose': 'list every host and account',
  '-V, --version': 'print the version',
};

/** The help of the whole program, on one screen: commands, then options, then exit codes. */
function rootHelp(program: Command, helper: Help): string {
  const width = Math.max(...Object.keys(commonOptions).map(term => term.length));
  const item = (term: string, description: string, painted: string) =>
    `  ${painted}${' '.repeat(width - term.length)}  ${description}`;
  const row = (name: string) => {
    const description = program.commands.find(command => command.name() === name)?.description() ?? '';
    return item(name, description, helper.styleSubcommandText(name));
  };
  return [
    `${helper.styleTitle('Usage:')} ${program.name()} COMMAND [OPTIONS] [FILE...]`,
    '',
    program.description(),
    '',
    ...Object.entries(commandGroups).flatMap(([title, names]) => [helper.styleTitle(title), ...names.map(row)]),
    helper.styleTitle('Options of most commands:'),
    ...Object.entries(commonOptions).map(([term, text]) => item(term, text, helper.styleOptionText(term))),
    'Exit codes: 0 in sync or done, 1 error, 2 differences, 3 refused, 4 incomplete.',
    `${helper.styleCommandText('reconcile help COMMAND')} shows the options and examples of a command.`,
    '',
  ].join('\n');
}

/** What stands below the options of a command: examples, then the exit codes. */
export function helpAfter({ command }: AddHelpTextContext): string {
  if (!command.parent) return '';
  const known = examples[command.name()] ?? [];
  const lines = known.flatMap(({ line, tells }) => [`  ${paint('cyan', line)}`, `      ${tells}`]);
  const shown = lines.length > 0 ? `\n${paint('bold', 'Examples:')}\n${lines.join('\n')}\n` : '';
  return `${shown}${exitCodeHelp.replace(/^.*:$/m, title => paint('bold', title))}`;
}

/** Whether help is painted is decided by whom it is written for. */
function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { validateStream: false });
}

/**
 * Lets every command of a program answer a mistake in its words with two lines: what is wrong, and what to run instead.
 * `words` is the command line without the name of the program, `calledAs` what stands for it on this machine.
 */
export function showsMistakes(program: Command, words: readonly string[], calledAs: string): void {
  for (const command of [program, ...program.commands])
    command.configureOutput({
      ...command.configureOutput(),
      outputError: (text, write) => write(mistakeText(mistakeOf(command, text.trimEnd(), words), calledAs)),
    });
}

/** Fails where no command is named: with the help where nothing is, and otherwise with what was probably meant. */
export function failWithoutVerb(program: Command, files: readonly string[]): never {
  const [word] = files;
  return word === undefined ? program.help({ error: true }) : program.error(`error: unknown command '${word}'`);
}

/** What is wrong with a command line, and the words of one that works; none where the text has it all. */
interface Mistake {
  readonly text: string;
  readonly instead?: readonly string[];
}

function mistakeText({ text, instead }: Mistake, calledAs: string): string {
  return instead ? `${printable(text)}\n    ${calledAs} ${printable(shellLine(instead))}\n` : `${text}\n`;
}

function mistakeOf(command: Command, text: string, words: readonly string[]): Mistake {
  const program = command.parent ?? command;
  const [, kind, name = ''] = /^error: unknown (command|option) '([^'=]+)/.exec(text) ?? [];
  // An option that the program lacks is one of a command with a slip in its name.
  const verb = command === program && kind === 'option' ? program.args.find(word => !word.startsWith('-')) : name;
  if (kind === 'command' || (command === program && verb)) return unknownCommand(program, verb ?? name, words);
  if (kind === 'option') return unknownOption(command, name, words);
  return text.includes('\n') ? { text } : { text, instead: ['help', ...verbOf(command)] };
}

/** A word with a dot or a slash is a file: `check` is what files are most often given to. */
function unknownCommand(program: Command, word: string, words: readonly string[]): Mistake {
  if (/[./]/.test(word))
    return { text: `error: No command is named, only the file ${word}.`, instead: ['check', ...words] };
  const [near] = nearestNames(word, namesOf(program), 2);
  const text = `error: There is no command "${word}".`;
  return { text, instead: near === undefined ? ['help'] : replaced(words, word, near) };
}

function unknownOption(command: Command, flag: string, words: readonly string[]): Mistake {
  const known = command.options.flatMap(({ long, short }) => [long, short].flatMap(name => name ?? []));
  const [near] = nearestNames(flag, known, flag.startsWith('--') ? 2 : 0);
  const text = `error: ${['reconcile', ...verbOf(command)].join(' ')} has no option ${flag}.`;
  return { text, instead: near === undefined ? ['help', ...verbOf(command)] : replaced(words, flag, near) };
}

function verbOf(command: Command): readonly string[] {
  return command.parent ? [command.name()] : [];
}

function namesOf(program: Command): readonly string[] {
  return program.commands.map(command => command.name());
}

/** The words with the first of these, or the name before its `=`, corrected. */
function replaced(words: readonly string[], wrong: string, right: string): readonly string[] {
  const at = words.findIndex(word => word === wrong || word.startsWith(`${wrong}=`));
  return words.map((word, i) => (i === at ? right + word.slice(wrong.length) : word));
}

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `help`, `completion` and `man`: all are made of the command tree when they are asked for. */
export function addPages(program: Command, environment: Environment, finish: (code: number) => void): void {
  const print = (text: string) => {
    environment.terminal.stdout(text);
    finish(exitCodes.done);
  };
  const add = (name: string, description: string) =>
    program.command(name).copyInheritedSettings(program).addHelpText('after', helpAfter).description(description);
  add('completion', 'print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => print(shells[shell](shapeOf(program))));
  add('man', 'print the manual page: reconcile man | man -l -').action(() =>
    print(manPage(shapeOf(program), { version: environment.version, exitCodes: exitCodeHelp, examples })),
  );
  // Completion offers the choices; a slip is answered as one in any command line is.
  const which = new Argument('[command]', 'which command (default: all, one line each)');
  add('help', 'print the help of a command')
    .addArgument(which.choices(['help', ...namesOf(program)]).argParser(word => word))
    .action((word: string | undefined) => {
      const command = word === undefined ? program : program.commands.find(one => one.name() === word);
      if (!command) program.error(`error: unknown command '${word}'`);
      command.help();
    });
}
