import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

/** The folder of everything ready-made that is to be copied. */
export const ciFolder = 'examples/ci';

/** The folder of the action that the workflows use. */
export const actionFolder = resolve('.github/actions/reconcile');

/** What the action takes and gives. */
export const actionFile = join(actionFolder, 'action.yml');

/** A step of a job. */
export interface WorkflowStep {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** A workflow of GitHub Actions as far as the tests look at it. */
export interface Workflow {
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly if?: string; readonly permissions?: unknown; readonly steps: readonly WorkflowStep[] }>
  >;
}

/** The names of the workflows that are to be copied. */
export const workflowFiles = readdirSync(join(ciFolder, 'github'));

/** A workflow that is to be copied, parsed. */
export function workflow(file: string): Workflow {
  return parse(readFileSync(join(ciFolder, 'github', file), 'utf8'));
}

/** The inputs of the action, with their defaults. */
export function actionInputs(): Readonly<Record<string, string>> {
  const { inputs } = parse(readFileSync(actionFile, 'utf8'));
  return Object.fromEntries(
    Object.entries<{ default?: string }>(inputs).map(([name, one]) => [name, one.default ?? '']),
  );
}

/** The action that writes comments: its inputs, and the steps that it consists of. */
export interface CommentAction {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly WorkflowStep[] };
}

/** That action, parsed. */
export function commentAction(): CommentAction {
  return parse(readFileSync(join(actionFolder, 'comment', 'action.yml'), 'utf8'));
}

/** The script of a step of a workflow, by the names of its job and of itself. */
export function scriptOf(file: string, job: string, step: string): string {
  const script = workflow(file).jobs[job]?.steps.find(({ name }) => name === step)?.run;
  if (script === undefined) throw new Error(`${file} has no step ${job}/${step} with a script`);
  return script;
}

/** Every file below the folder, with its text. */
export function templateFiles(): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(ciFolder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .map(file => ({ file, text: readFileSync(file, 'utf8') }));
}
