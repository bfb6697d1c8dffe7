import type { DesiredState } from '../core/desired.ts';
import { type DoctorReport, type ExaminedTarget, stateOfTarget } from '../core/examination.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { readingExitCode } from '../core/report.ts';
import { suggestion } from '../estate/own-settings.ts';
import { finding } from '../findings/catalogue.ts';
import type { ExamineConnection, ExaminePorts, OfferedKey } from '../ports/ports.ts';
import { type ExamineContext, type Failure, failure, refusal } from './context.ts';
import { examineDirectory } from './doctor-directory.ts';
import { examineHost } from './doctor-host.ts';
import { loadFiles } from './load-estate.ts';
import { toExamine, withEstate } from './open-estate.ts';

/** What is to be examined. */
export interface DoctorRequest {
  readonly files: readonly string[];
  /** Names of hosts, and `directory`; none: all targets. */
  readonly targets: readonly string[];
}

/** Looks at how targets are set up, at all of them at the same time; changes nothing. */
export async function examineEstate(
  { files, targets: named }: DoctorRequest,
  context: ExamineContext,
): Promise<DoctorReport | Failure> {
  const loaded = await loadFiles(files, context);
  return withEstate<ExamineConnection, DoctorReport | Failure>(toExamine(context), loaded, undefined, async estate => {
    const { state, connection, warnings } = estate;
    const unknown = unknownTargets(named, state);
    if (unknown.length > 0) return failure(unknown, state.name);
    const examinedAt = context.clock.now();
    const targets = await examineAll(named, state, connection.ports, context);
    const said = { estate: state.name, files, examinedAt, targets, findings: warnings };
    return { command: 'doctor', exitCode: doctorExitCode(targets), ...said };
  });
}

/** Nothing fails, a target fails, or every target does. */
function doctorExitCode(targets: readonly ExaminedTarget[]): number {
  const failing = targets.filter(target => stateOfTarget(target) === 'fails');
  return readingExitCode(failing.length, targets.length, false);
}

function unknownTargets(named: readonly string[], { hosts }: DesiredState): readonly Finding[] {
  const known = [...hosts.map(({ name }) => name), 'directory'];
  return named
    .filter(name => !known.includes(name))
    .map(name =>
      finding('cli.unknown-host', {
        detail: `"${name}" is neither a host of the file nor "directory".${suggestion(name, known)}`,
      }),
    );
}

async function examineAll(
  named: readonly string[],
  state: DesiredState,
  ports: ExaminePorts,
  { progress, clock }: ExamineContext,
): Promise<readonly ExaminedTarget[]> {
  const wanted = (name: string) => named.length === 0 || named.includes(name);
  const now = () => Date.parse(clock.now());
  const hosts = state.hosts.filter(({ name }) => wanted(name));
  const waiting = new Set([...hosts.map(({ name }) => name), ...(wanted('directory') ? ['directory'] : [])]);
  const examined = async (target: Omit<ExaminedTarget, 'steps'>, steps: Promise<ExaminedTarget['steps']>) => {
    progress.show(`examining ${[...waiting].join(', ')}`);
    const done = await steps;
    waiting.delete(target.name);
    if (waiting.size > 0) progress.show(`examining ${[...waiting].join(', ')}`);
    return { ...target, steps: done };
  };
  const all = await Promise.all([
    ...hosts.map(host =>
      examined({ name: host.name, of: host.product, source: host.source }, examineHost(host, state, ports, now)),
    ),
    ...(wanted('directory')
      ? [
          examined(
            { name: 'directory', of: 'directory', source: state.directory.source },
            examineDirectory(state, ports, now),
          ),
        ]
      : []),
  ]);
  progress.end();
  return all;
}

/** Whose host key is to be trusted, and who agrees to it. */
export interface TrustHost {
  readonly files: readonly string[];
  readonly host: string;
  /** Keys that were compared beforehand: these are added without a question, and no others. */
  readonly fingerprints: readonly string[];
  /** Asks a person; absent where there is none. */
  readonly ask?: (key: OfferedKey) => Promise<boolean>;
}

/** The key that a host is known by, and the keys that were added on the way to it. */
export interface TrustedHost {
  readonly key: OfferedKey;
  readonly added: readonly OfferedKey[];
}

/** More servers than any route has. */
const mostOnRoute = 20;

/**
 * Adds the key of a host to known_hosts, and before it those of the jump hosts that are unknown. A key that is changed or revoked
 * is never added: it is a failure, as for any other command.
 */
export async function trustHost(request: TrustHost, context: ExamineContext): Promise<TrustedHost | Failure> {
  const { files, host } = request;
  const loaded = await loadFiles(files, context);
  return withEstate<ExamineConnection, TrustedHost | Failure>(toExamine(context), loaded, undefined, async estate => {
    const { state, connection } = estate;
    const unknown = host === 'directory' ? [noKey(state)] : unknownTargets([host], state);
    if (unknown.length > 0) return failure(unknown, state.name);
    try {
      return await addKeys(request, connection.ports);
    } catch (problem) {
      if (!(problem instanceof TargetProblem)) throw problem;
      return failure([problem.finding], state.name);
    }
  });
}

function noKey({ hosts }: DesiredState): Finding {
  const names = hosts.map(({ name }) => name).join(', ');
  const detail = `The directory has no SSH host key. Its certificate is trusted by directory.tls.ca.\nHosts: ${names}.`;
  return finding('cli.unknown-host', { detail });
}

async function addKeys(request: TrustHost, ports: ExaminePorts): Promise<TrustedHost | Failure> {
  const added: OfferedKey[] = [];
  for (;;) {
    const key = await ports.offeredKey(request.host);
    if (key.known) return { key, added };
    const refused = await refusalOf(key, request);
    if (refused !== undefined || added.length === mostOnRoute) return refusal([notTrusted(key, refused ?? 'gave up.')]);
    await key.trust();
    added.push(key);
  }
}

/** Why a key is not to be trusted; nothing where a person agrees to it. */
async function refusalOf(key: OfferedKey, { fingerprints, ask }: TrustHost): Promise<string | undefined> {
  if (fingerprints.includes(key.fingerprint)) return undefined;
  if (fingerprints.length > 0) return 'this is not the key of --fingerprint.';
  if (!ask) return 'there is no terminal to ask, and no --fingerprint.';
  return (await ask(key)) ? undefined : 'you did not agree.';
}

function notTrusted({ server, type, fingerprint }: OfferedKey, why: string): Finding {
  const detail = `${printable(server)} shows ${printable(type)} ${fingerprint}: ${why}\nNothing was added. To print the fingerprint on the console of that host:\n    ${printKeyLine(type)}`;
  return finding('doctor.not-trusted', { detail });
}

/** What prints the fingerprint of a key of that type on the host itself. */
export function printKeyLine(type: string): string {
  const [, word = 'rsa'] = /^(?:ssh-|ecdsa-)?(ed25519|rsa|dss|ecdsa|sha2)/.exec(type) ?? [];
  const name = { sha2: 'ecdsa', dss: 'dsa' }[word] ?? word;
  return `ssh-keygen -lf /etc/ssh/ssh_host_${name}_key.pub`;
}
