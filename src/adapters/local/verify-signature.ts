import { spawn } from 'node:child_process';
import type { CheckSignature, SignatureAnswer, SignatureQuestion } from '../../core/plan.ts';
import { printable } from '../../core/printable.ts';

/** How a command ended: its exit code, or why there is none. */
type Ended =
  | { readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly reason: string };

/** No signature takes longer to check; a key in hardware is not needed for it. */
const timeout = 20_000;

/** Characters of what a command may print; more is some other program. */
const mostOutput = 65_536;

/** Checks signatures with the system's ssh-keygen, as words and without a shell. Its own answer is what counts, not its words. */
export function makeSignatureCheck(environment: Readonly<Record<string, string | undefined>>): CheckSignature {
  // The time is handed over as one of UTC, and the words that are looked for are English.
  const run = (words: readonly string[], input: string) =>
    runProgram(words, input, { PATH: environment['PATH'], TZ: 'UTC', LC_ALL: 'C' });
  return async question => {
    const { file, signers, text } = question;
    const found = await run(['-Y', 'find-principals', '-s', file, '-f', signers, ...timeOf(question)], '');
    if ('reason' in found) return { state: 'unchecked', reason: found.reason };
    const principals = found.stdout.split('\n').filter(name => name !== '');
    if (found.code !== 0 || principals.length === 0) return failed(found);
    // Each name has a line of its own in the file of signers, which may be for other purposes.
    let answer = failed(found);
    for (const name of principals) {
      const verified = await run(['-Y', 'verify', '-I', name, ...verifyWords(question)], text);
      if ('reason' in verified) return { state: 'unchecked', reason: verified.reason };
      if (verified.code === 0) return accepted(verified.stdout, principals);
      answer = failed(verified);
    }
    return answer;
  };
}

function verifyWords(question: SignatureQuestion): readonly string[] {
  const { file, signers, namespace } = question;
  return ['-n', namespace, '-s', file, '-f', signers, ...timeOf(question)];
}

function accepted(stdout: string, principals: readonly string[]): SignatureAnswer {
  const key = /(SHA256:[A-Za-z0-9+/]+)\s*$/.exec(stdout)?.[1];
  return key === undefined
    ? { state: 'unchecked', reason: 'ssh-keygen accepts it and does not say of which key it is.' }
    : { state: 'good', principals, key };
}

/** YYYYMMDDHHMMSS: the form with a Z at its end is younger than the option. */
function timeOf({ at }: SignatureQuestion): readonly string[] {
  return ['-O', `verify-time=${at.replace(/\D/g, '').slice(0, 'YYYYMMDDHHMMSS'.length)}`];
}

/** What OpenSSH before 8.7 says about what it does not know yet. */
const tooOld = /unknown option|illegal option|Unsupported operation for -Y|Invalid option|Too many arguments|^usage:/im;

function failed({ stderr, stdout }: { readonly stderr: string; readonly stdout: string }): SignatureAnswer {
  if (tooOld.test(stderr))
    return { state: 'unchecked', reason: 'ssh-keygen is too old to check signatures: it takes OpenSSH 8.7 or later.' };
  const said = printable((stderr.trim() || stdout.trim()).slice(0, 1000));
  return { state: 'bad', reason: said === '' ? 'ssh-keygen refuses it without a word.' : `ssh-keygen says: ${said}` };
}

function runProgram(words: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise(done => {
    const child = spawn('ssh-keygen', words, { env, timeout, killSignal: 'SIGKILL', stdio: 'pipe' });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(0, mostOutput);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, mostOutput);
    });
    child.on('error', error => done({ reason: missing(error) }));
    child.on('close', (code, signal) =>
      done(
        signal === null
          ? { code, stdout, stderr }
          : { reason: `ssh-keygen was ended by ${signal}, after ${timeout / 1000} s at most.` },
      ),
    );
    // It may end without having read everything.
    child.stdin.on('error', () => {}).end(input);
  });
}

function missing(error: Error): string {
  const code = 'code' in error ? String(error.code) : error.message;
  return code === 'ENOENT'
    ? 'there is no ssh-keygen in the PATH; it comes with the OpenSSH client.'
    : `ssh-keygen cannot be started: the system says ${code}.`;
}
