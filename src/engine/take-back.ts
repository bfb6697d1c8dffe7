import { sha256 } from '../core/canonical.ts';
import { type Change, invert } from '../core/change.ts';
import { TargetProblem } from '../core/finding.ts';
import type { FileRestore, Step } from '../core/plan.ts';
import type { ChangeResult } from '../core/run.ts';
import type { BoundTarget, Item } from '../kinds/managed-kind.ts';
import type { HostWriter } from '../ports/host.ts';
import type { WritePorts } from '../ports/ports.ts';
import { journaled } from './journaled.ts';
import { recheckUndo } from './recheck.ts';
import { type Running, targetOf } from './running.ts';
import { takenBackSuffix } from './written-changes.ts';

/**
 * After a restart that failed, or after which something else does: the host gets back the configuration it had before this run,
 * and is started with that. A server that runs with the old settings is better than none that runs with the new ones. Any other
 * step is left as it is. `why` is for people.
 */
export async function takeBack(failed: Step, running: Running, why = 'the restart failed'): Promise<void> {
  const service = targetOf(failed, running.targets);
  const { activates } = service;
  if (!activates || running.plan.direction === 'undo') return;
  const written = running.plan.steps.filter(
    step => step.target === failed.target && step.stage === activates.stage && running.done.get(step.id),
  );
  const ports = journaled(running.ports, running.records, `${failed.id}${takenBackSuffix}`);
  try {
    const taken = [];
    for (const step of written.toReversed()) if (await takeBackStep(step, running, ports)) taken.push(step.id);
    if (taken.length === 0) return;
    const started = await startAgain(failed, service, ports);
    for (const id of taken) mark(id, running, started, why);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    const result = running.done.get(failed.id);
    if (result) running.done.set(failed.id, { ...result, finding: problem.finding });
  }
}

async function takeBackStep(step: Step, running: Running, ports: WritePorts): Promise<boolean> {
  const result = running.done.get(step.id);
  const changes = result ? result.results.flatMap(({ state, change }) => (state === 'done' ? [change] : [])) : [];
  if (changes.length === 0) return false;
  const files = running.records.replaced.get(step.id) ?? [];
  if (files.length > 0 && (await restoreFiles(files, ports.host(step.target)))) return true;
  const target = targetOf(step, running.targets);
  const inverse = changes.flatMap(change => invert(change) ?? []);
  const { todo } = await recheckUndo({ changes: inverse }, target, ports);
  let undone = 0;
  for await (const { state } of target.apply(todo, ports)) undone += state === 'done' ? 1 : 0;
  return undone === inverse.length;
}

async function startAgain(failed: Step, service: BoundTarget, ports: WritePorts): Promise<boolean> {
  const work: { item: Item; changes: readonly Change[] }[] = [];
  for await (const item of service.items(ports)) work.push({ item, changes: [...failed.changes] });
  for await (const { state } of service.apply(work, ports)) if (state !== 'done') return false;
  return work.length > 0;
}

function mark(id: string, running: Running, started: boolean, why: string): void {
  const result = running.done.get(id);
  if (!result) return;
  const detail = started
    ? `${why}; the server runs with the old configuration again`
    : `${why}, and the restart with the old configuration failed too. The old configuration is in place: look at the host`;
  const results = result.results.map(
    (one): ChangeResult => (one.state === 'done' ? { ...one, state: 'taken-back', detail } : one),
  );
  running.done.set(id, { ...result, results });
}

/**
 * Puts files back byte for byte; true when all of them are as they were. Nothing is touched unless each still has what
 * the run wrote and its backup what was there before: else only what the changes meant can be taken back. A file that the
 * run made is removed.
 */
export async function restoreFiles(files: readonly FileRestore[], host: HostWriter): Promise<boolean> {
  const lasting = ends(files);
  const readings = await Promise.all(
    lasting.map(async file => {
      const { backup: old, original } = file;
      const [[live], [backup]] = await Promise.all([
        host.files([file.path]),
        host.files(old === undefined ? [] : [old]),
      ]);
      if (live === undefined || sha256(live.content) !== file.written) return undefined;
      const [path, expected] = [live.path, live.content];
      if (original === undefined) return { path, expected, content: 'absent' as const };
      const sound = backup !== undefined && sha256(backup.content) === original;
      return sound ? { path, expected, content: backup.content } : undefined;
    }),
  );
  const replacements = readings.flatMap(reading => reading ?? []);
  if (lasting.length === 0 || replacements.length < lasting.length) return false;
  for (const replacement of replacements) await host.replace(replacement);
  return true;
}

/** A file that was replaced several times: what it was at first, and what was written last. */
function ends(files: readonly FileRestore[]): readonly FileRestore[] {
  const byPath = new Map<string, FileRestore>();
  for (const file of files) {
    const first = byPath.get(file.path);
    byPath.set(file.path, first ? { ...first, written: file.written } : file);
  }
  return [...byPath.values()];
}
