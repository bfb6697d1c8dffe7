import { Argument, Command, CommanderError } from 'commander';
import { TargetProblem } from '../core/finding.ts';
import { drawAlone, nextCommands } from '../core/next-command.ts';
import { exitCodes } from '../core/report.ts';
import type { ApplyOptions, UndoOptions } from './apply-command.ts';
import type { AuditOptions } from './audit-command.ts';
import type { DemoOptions } from './demo-command.ts';
import type { DoctorOptions } from './doctor-command.ts';
import { drawsCommands, takesOptionsOfProgram } from './draw-command.ts';
import type { DriftOptions } from './drift-command.ts';
import { type Environment, streamsFor, withStatus } from './environment.ts';
import { addPages, failWithoutVerb, helpAfter, helpOutput, helpStyle, showsMistakes } from './help.ts';
import type { ImportOptions } from './import-command.ts';
import {
  addLiveOptions,
  addReportOptions,
  addShardOption,
  addTrustOption,
  appliedOption,
  at,
  baseOption,
  common,
  estateFiles,
  except,
  type FileOptions,
  file,
  isEstateFile,
  lockWait,
  namedFiles,
  only,
  originOption,
  runsOption,
  type SchemaName,
  schemaNames,
  wholeNumber,
} from './options.ts';
import type { CommonOptions } from './output.ts';
import type { PageOptions } from './page-command.ts';
import type { MergeOptions, PartOptions, PlanOptions } from './plan-command.ts';
import type { RunsOptions, StatusOptions } from './runs-command.ts';
import type { SnapshotOptions } from './snapshot-command.ts';
import {
  addAgreement,
  addApplyOptions,
  addAuditOptions,
  addDoctorOptions,
  addDriftOptions,
  addImportOptions,
  addPageOptions,
  addRunFilters,
  addRunNotices,
  addSnapshotOptions,
  addVerifyOptions,
} from './verb-options.ts';
import type { VerifyOptions } from './verify-command.ts';

/** Runs one command line, without the program's own name; returns the exit code. */
export async function runCommandLine(words: readonly string[], given: Environment): Promise<number> {
  const environment = withStatus(given);
  let exitCode: number = exitCodes.done;
  const program = buildProgram(asAsked(words, environment), code => {
    exitCode = code;
  });
  showsMistakes(program, words, environment.calledAs);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.error;
    if (error instanceof TargetProblem) {
      const { printFindings } = await import('./output.ts');
      printFindings([error.finding], { format: 'text', color: !words.includes('--no-color') }, environment);
      return exitCodes.error;
    }
    throw error;
  } finally {
    environment.terminal.status?.();
  }
}

/** Help is drawn before options count. */
function asAsked(words: readonly string[], environment: Environment): Environment {
  if (!words.includes('--no-color')) return environment;
  return { ...environment, variables: { ...environment.variables, NO_COLOR: '1' } };
}

/**
 * The whole command line as a tree; `finish` gets the exit code of what was run. A command is loaded when it is run, so that
 * `--version`, help and completion wait for none of them.
 */
export function buildProgram(environment: Environment, finish: (code: number) => void): Command {
  const program = addPlanOptions(common(new Command('reconcile')))
    .description('Keeps Calendar Server 6.3 and 7 in coexistence, as a file describes.')
    .version(environment.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureOutput(helpOutput(environment))
    .configureHelp(helpStyle)
    .exitOverride()
    .showSuggestionAfterError(false)
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText('after', helpAfter)
    .option('--check', 'the same as the command check')
    .action(
      async (files: string[], options: PlanOptions & FileOptions & ShardOptions & { readonly check?: boolean }) => {
        if (options.check)
          finish(await planOrPart('check', namedFiles(options.file, files), options, streamsFor(environment, options)));
        else failWithoutVerb(program, files);
      },
    );
  addCommands(program, environment, finish);
  takesOptionsOfProgram(program);
  drawsCommands(program, environment);
  entersFolder(program, environment);
  saysAtInterrupt(program, environment);
  return program;
}

/** `-C`, before the command does anything. */
function entersFolder(program: Command, { enterFolder }: Environment): void {
  program.hook('preAction', async (_, acting) => {
    const { chdir: folder } = acting.opts<{ readonly chdir?: string }>();
    if (folder === undefined) return;
    try {
      enterFolder(folder);
    } catch (error) {
      const { unreadableFile } = await import('../app/files.ts');
      throw new TargetProblem(unreadableFile(folder, error));
    }
  });
}

/** What an interrupt at once leaves behind: after a command that only reads, nothing. */
function saysAtInterrupt(program: Command, { terminal: { atInterrupt } }: Environment): void {
  program.hook('preAction', (_, acting) => {
    const { draw = drawAlone } = acting.opts<Pick<CommonOptions, 'draw'>>();
    const changes = ['apply', 'undo', 'lock'].includes(acting.name());
    atInterrupt?.(
      changes
        ? `Interrupted. To see what the last run left unfinished:\n    ${draw(nextCommands.status())}\n`
        : `Interrupted${acting.name() === 'import' ? ' before the file was written' : ''}. Nothing was changed on any server.\n`,
    );
  });
}

/** The options and arguments of commands that plan. */
function addPlanOptions(command: Command, saves: { readonly savesPlan?: boolean } = {}): Command {
  return addTrustOption(addShardOption(addLiveOptions(addReportOptions(command, saves))))
    .argument('[file...]', estateFiles)
    .addOption(file())
    .addOption(only())
    .addOption(except())
    .addOption(originOption())
    .addOption(runsOption())
    .addOption(baseOption())
    .addOption(appliedOption());
}

/** What a command on estate files does: their names, its options, and where it prints; gives the exit code. */
type OnFiles<Options> = (files: readonly string[], options: Options, environment: Environment) => Promise<number>;

/** What adding commands to a program takes. */
interface Adding {
  readonly environment: Environment;
  readonly finish: (code: number) => void;
  /** A command with the options that every command has. */
  readonly add: (name: string, description: string) => Command;
  /** The files that a command names. A -f before the name of the command is one of the program's own. */
  readonly named: (files: readonly string[], options: FileOptions) => readonly string[];
  /** The action of a command on estate files, which `load` fetches when it is run. */
  readonly onFiles: <Options extends Pick<CommonOptions, 'output'>>(
    load: () => Promise<OnFiles<Options>>,
  ) => (files: string[], options: Options & FileOptions) => Promise<void>;
}

function addingTo(program: Command, environment: Environment, finish: (code: number) => void): Adding {
  const named: Adding['named'] = (files, options) => namedFiles(program.opts<FileOptions>().file, options.file, files);
  return {
    ...{ environment, finish, named },
    add: (name, description) =>
      common(program.command(name))
        .description(description)
        .copyInheritedSettings(program)
        .addHelpText('after', helpAfter),
    onFiles: load => async (files, options) => {
      const command = await load();
      finish(await command(named(files, options), options, streamsFor(environment, options)));
    },
  };
}

function addCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  const adding = addingTo(program, environment, finish);
  const { add, onFiles } = adding;
  addReportOptions(add('validate', 'list every problem of the files; opens no connection'))
    .argument('[file...]', estateFiles)
    .addOption(file())
    .action(onFiles<CommonOptions>(async () => (await import('./validate-command.ts')).validateCommand));
  for (const [command, description, saves] of [
    ['check', 'compare the estate with the files: exit code 0 or 2', {}],
    ['plan', 'show what would change; -o saves the plan for apply', { savesPlan: true }],
  ] as const)
    addPlanOptions(
      command === 'plan' ? add(command, description).addOption(at()) : add(command, description),
      saves,
    ).action(
      onFiles<PlanOptions & ShardOptions>(
        async () =>
          (...asked) =>
            planOrPart(command, ...asked),
      ),
    );
  addReportOptions(addApplyOptions(add('apply', 'carry out a saved plan, or plan, show the plan and ask')))
    .argument('[file...]', `saved plan (.json), or ${estateFiles}`)
    .addOption(file())
    .addOption(only())
    .addOption(except())
    .addOption(originOption())
    .addOption(runsOption())
    .addOption(baseOption())
    .addOption(appliedOption())
    .addOption(lockWait())
    .action(onFiles<ApplyOptions>(async () => (await import('./apply-command.ts')).applyCommand));
  addReportOptions(addDriftOptions(add('drift', 'show what was changed by hand, who changed it and when')))
    .argument('[file...]', estateFiles)
    .addOption(file())
    .addOption(runsOption())
    .addOption(baseOption())
    .addOption(appliedOption())
    .action(async (words: string[], options: DriftOptions & FileOptions) => {
      const { driftCommand } = await import('./drift-command.ts');
      // After --accept, words that name no file are further keys.
      const keys = options.accept === undefined ? [] : words.filter(word => !isEstateFile(word));
      const files = adding.named(
        words.filter(word => !keys.includes(word)),
        options,
      );
      const asked = keys.length === 0 ? options : { ...options, accept: [...(options.accept ?? []), ...keys] };
      finish(await driftCommand(files, asked, streamsFor(environment, options)));
    });
  addReportOptions(add('merge', 'join the parts of plan --shard into one plan'), { savesPlan: true })
    .argument('<part...>', 'the files of all parts')
    .addOption(runsOption())
    .action(async (parts: string[], options: MergeOptions) => {
      const { mergeCommand } = await import('./plan-command.ts');
      finish(await mergeCommand(parts, options, streamsFor(environment, options)));
    });
  addSnapshotOptions(add('snapshot', 'save what a plan reads, without secrets, for plan --live'))
    .argument('[file...]', estateFiles)
    .addOption(file())
    .action(onFiles<SnapshotOptions>(async () => (await import('./snapshot-command.ts')).snapshotCommand));
  addAuditOptions(add('audit', 'check that every account is on the right server only'))
    .argument('[file...]', estateFiles)
    .addOption(file())
    .action(onFiles<AuditOptions>(async () => (await import('./audit-command.ts')).auditCommand));
  addVerifyOptions(add('verify', 'test whether free/busy works between the two servers'))
    .argument('[file...]', estateFiles)
    .addOption(file())
    .action(onFiles<VerifyOptions>(async () => (await import('./verify-command.ts')).verifyCommand));
  addSite(adding);
  addDoctor(adding);
  addImport(adding);
  addRuns(adding);
  addLocks(adding);
  addExplanations(adding);
  addDemo(program, environment, finish);
  addPages(program, environment, finish);
}

function addSite({ add, onFiles }: Adding): void {
  addPageOptions(add('page', 'write static pages: the state, the runs and the trends'))
    .argument('[file...]', estateFiles)
    .addOption(file())
    .addOption(runsOption())
    .action(onFiles<PageOptions>(async () => (await import('./page-command.ts')).pageCommand));
}

function addDoctor({ add, named, environment, finish }: Adding): void {
  addDoctorOptions(add('doctor', 'check step by step how hosts and directory are set up'))
    .addOption(file())
    .action(async (words: string[], options: DoctorOptions & FileOptions) => {
      const { doctorCommand } = await import('./doctor-command.ts');
      const targets = words.filter(word => !isEstateFile(word));
      const asked = { targets, files: named(words.filter(isEstateFile), options) };
      finish(await doctorCommand(asked, options, streamsFor(environment, options)));
    });
}

function addImport({ add, environment, finish }: Adding): void {
  addImportOptions(add('import', 'write an estate file from what is live, and prove it'))
    .alias('init')
    .action(async (options: ImportOptions) => {
      const { importCommand } = await import('./import-command.ts');
      finish(await importCommand(options, environment));
    });
}

function addRuns({ add, named, onFiles, environment, finish }: Adding): void {
  addReportOptions(
    addRunNotices(
      addAgreement(add('undo', 'reverse the changes of a run; shows the plan and asks'), [
        'moves',
        'restarts',
        'outside-window',
      ]),
    ),
  )
    .argument('<run>', 'the name of the run, from the list that `runs` prints')
    .argument('[file...]', estateFiles)
    .addOption(file())
    .addOption(only())
    .addOption(except())
    .option('--and-later', 'undo all later runs with it, as one plan: the estate is then as before the run')
    .option('--manual <folder>', 'write LDIF files and commands to this folder, and change nothing')
    .addOption(runsOption())
    .addOption(lockWait())
    .action(async (run: string, files: string[], options: UndoOptions & FileOptions) => {
      const { undoCommand } = await import('./apply-command.ts');
      finish(await undoCommand(run, named(files, options), options, streamsFor(environment, options)));
    });
  addRunFilters(add('runs', 'list the runs, the newest first, or show one of them'))
    .argument('[run|file...]', 'the name of a run to show; estate files, as everywhere')
    .addOption(file())
    .addOption(runsOption())
    .action(async (words: string[], options: RunsOptions & FileOptions) => {
      const { runsCommand } = await import('./runs-command.ts');
      const names = words.filter(word => !isEstateFile(word));
      const run = names.length > 0 ? { run: names.join(' ') } : {};
      const asked = { ...run, files: named(words.filter(isEstateFile), options) };
      finish(await runsCommand(asked, options, streamsFor(environment, options)));
    });
  add('status', 'show the last run and its unfinished writes')
    .argument('[file...]', estateFiles)
    .addOption(file())
    .addOption(runsOption())
    .action(onFiles<StatusOptions>(async () => (await import('./runs-command.ts')).statusCommand));
}

function addLocks({ add, named, environment, finish }: Adding): void {
  add('lock', 'list the locks on the hosts, or break the lock of a dead run')
    .argument('<action>', 'list or break')
    .argument('[host]', 'the host, for break')
    .addOption(file())
    .action(
      async (action: string, host: string | undefined, options: CommonOptions & FileOptions, command: Command) => {
        const { lockBreakCommand, lockListCommand } = await import('./lock-command.ts');
        if (action === 'list') finish(await lockListCommand(named([], options), options, environment));
        else if (action === 'break' && host !== undefined)
          finish(await lockBreakCommand(host, named([], options), options, environment));
        else command.help({ error: true });
      },
    );
}

function addExplanations({ add, named, environment, finish }: Adding): void {
  add('explain', 'explain a finding code, a key of the file or a live setting')
    .argument('[name]', 'what to explain (default: list every name, one line each)')
    .addOption(file())
    .action(async (name: string | undefined, options: CommonOptions & FileOptions) => {
      const { explainCommand } = await import('./explain-command.ts');
      finish(await explainCommand({ name, files: named([], options) }, options, environment));
    });
  add('why', 'explain why a host must have a setting, and which line asks')
    .argument('<host>', 'a host of the file, or "directory"')
    .argument('<key>', 'a key of ics.conf, a davadmin option, a mail domain, an LDAP attribute, or ssh')
    .argument('[file...]', estateFiles)
    .addOption(file())
    .action(async (target: string, key: string, files: string[], options: CommonOptions & FileOptions) => {
      const { whyCommand } = await import('./explain-command.ts');
      finish(await whyCommand({ target, key, files: named(files, options) }, options, environment));
    });
  add('example', 'print an example of estate.yaml, to begin with').action(() => {
    environment.terminal.stdout(environment.readExample());
    finish(exitCodes.done);
  });
  add('schema', 'print a JSON Schema: of the file, a saved plan or a report')
    .addArgument(new Argument('[name]', 'which schema').choices(schemaNames).default('estate'))
    .action(async (name: SchemaName) => {
      const { schemaCommand } = await import('./validate-command.ts');
      finish(schemaCommand(name, environment));
    });
}

function addDemo(program: Command, environment: Environment, finish: (code: number) => void): void {
  program
    .command('demo')
    .copyInheritedSettings(program)
    .description('try everything on a rehearsal estate on this machine')
    .addHelpText('after', helpAfter)
    .option('--hosts <n>', 'number of hosts', wholeNumber(2), 3)
    .option('--users <n>', 'number of users', wholeNumber(10), 300)
    .option('--fault <name>', 'rehearse this fault on the way; "list" lists all faults')
    .option('--keep', 'keep the estate running at the end, for your own commands')
    .option('-y, --yes', 'do not wait for Enter between the steps')
    .option('--no-color', 'print without colour')
    .action(async (options: DemoOptions) => {
      const { demoCommand } = await import('./demo-command.ts');
      finish(await demoCommand(options, environment, runCommandLine));
    });
}

type ShardOptions = Partial<Pick<PartOptions, 'shard'>>;

/** With `--shard` only a part is read. */
async function planOrPart(
  command: 'plan' | 'check',
  files: readonly string[],
  { shard, ...options }: PlanOptions & ShardOptions,
  environment: Environment,
): Promise<number> {
  const { partCommand, planCommand } = await import('./plan-command.ts');
  if (shard) return partCommand(command, files, { ...options, shard }, environment);
  return planCommand(command, files, options, environment);
}
