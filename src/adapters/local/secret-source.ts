import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { SecretReference } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import type { Variables } from '../../ports/ports.ts';
import { Secret } from '../../ports/secret.ts';

const run = promisify(execFile);

/** Looks secrets up where the file says they are. Neither the value nor what a failing command printed is ever shown. */
export function makeSecretSource(environment: Variables): (reference: SecretReference) => Promise<Secret> {
  return async reference => {
    const value = await lookUp(reference, environment);
    if (value === undefined || value === '') throw unavailable(reference);
    return new Secret(value);
  };
}

async function lookUp(reference: SecretReference, environment: Variables): Promise<string | undefined> {
  if ('env' in reference) return environment[reference.env];
  if ('file' in reference) return readFile(reference.file, 'utf8').then(withoutLineEnd, () => undefined);
  const [program, ...words] = reference.command;
  if (program === undefined) return undefined;
  return run(program, words, { timeout: 30_000, maxBuffer: 65_536 }).then(
    ({ stdout }) => stdout.split(/\r?\n/)[0],
    () => undefined,
  );
}

const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TMPDIR|SSH_AUTH_SOCK|DISPLAY|XDG_[A-Z_]+|KRB5CCNAME)$/;

/** The environment of a program that is started here: none of these variables holds a secret. */
export function plainVariables(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => passedOn.test(name)));
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function unavailable(reference: SecretReference): TargetProblem {
  const [place, remedy] =
    'env' in reference
      ? [`the environment variable ${reference.env} is not set, or empty`, `Set ${reference.env}.`]
      : 'file' in reference
        ? [`the file ${reference.file} cannot be read, or is empty`, 'Check that it exists and that you may read it.']
        : [`the command ${reference.command[0]} failed, or printed nothing`, 'Run it by hand.'];
  return new TargetProblem(finding('secret.unavailable', { detail: `A secret is needed, but ${place}.\n${remedy}` }));
}
