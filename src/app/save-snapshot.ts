import { distinctFindings, type Finding, TargetProblem } from '../core/finding.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import { isSecretName } from '../estate/literal-secrets.ts';
import { finding } from '../findings/catalogue.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import type { ReadConnection } from '../ports/ports.ts';
import { filterAttributes } from '../snapshot/entry-filters.ts';
import { type Taking, takeSnapshot } from '../snapshot/take.ts';
import { type Failure, failure, type ReadContext } from './context.ts';
import { unwritableFile } from './files.ts';
import { toRead, withEstate } from './open-estate.ts';
import { loadTrusted, type TrustRequest } from './trusted-connections.ts';

/** What a snapshot is to hold besides what a plan of these files reads, and where it is kept. */
export interface SnapshotRequest extends TrustRequest {
  readonly files: readonly string[];
  readonly saveTo: string;
  /** Further attributes of accounts. */
  readonly attributes: readonly string[];
  /** DNs of groups that are to be cohorts. */
  readonly groups: readonly string[];
  /** The calendars of every CS6 host. */
  readonly calendars: boolean;
}

/** A snapshot that was kept. */
export interface SavedSnapshot {
  readonly estate: string;
  /** ISO 8601. */
  readonly takenAt: string;
  /** The hosts, and how many values were masked on each because they look like a secret. */
  readonly hosts: readonly { readonly name: string; readonly masked: number }[];
  readonly accounts: number;
  /** The attributes of accounts that it holds. */
  readonly attributes: readonly string[];
  /** Why hosts could not be read. */
  readonly unread: readonly Finding[];
}

/** Reads what a plan reads and keeps it, without secrets, so that plans can be made from it. */
export async function saveSnapshot(request: SnapshotRequest, context: ReadContext): Promise<SavedSnapshot | Failure> {
  const loaded = await loadTrusted(request.files, request, context);
  return withEstate<ReadConnection, SavedSnapshot | Failure>(toRead(context), loaded, undefined, async estate => {
    const { state, connection } = estate;
    const { attributes, groups, calendars, saveTo } = request;
    const secret = [...filterAttributes(state), ...attributes].filter(isSecretName);
    if (secret.length > 0) return failure([secretAttribute(secret)]);
    const takenAt = context.clock.now();
    const wish = { state, attributes, groups, calendars, takenAt, tool: context.version };
    try {
      context.progress.show(`reading ${count(state.hosts.length, 'host')} and the directory`);
      const taking = await takeSnapshot(wish, connection.ports);
      const unwritten = await write(saveTo, taking, context.files);
      return unwritten ? failure([unwritten]) : factsOf(taking);
    } catch (problem) {
      if (!(problem instanceof TargetProblem)) throw problem;
      return { failed: [problem.finding], exitCode: exitCodes.incomplete };
    }
  });
}

async function write(file: string, taking: Taking, files: LocalFiles): Promise<Finding | undefined> {
  try {
    await files.writePacked(file, taking.lines());
    return undefined;
  } catch (error) {
    if (error instanceof TargetProblem) throw error;
    return unwritableFile(file, error);
  }
}

function factsOf(taking: Taking): SavedSnapshot {
  const { head, hosts, unread } = taking.facts;
  return {
    estate: head.estate,
    takenAt: head.takenAt,
    hosts: hosts.map(({ name, masked }) => ({ name, masked })),
    accounts: taking.accounts(),
    attributes: head.directory.attributes,
    unread: distinctFindings(unread),
  };
}

function secretAttribute(names: readonly string[]): Finding {
  return finding('snapshot.secret-attribute', {
    detail: `${[...new Set(names)].join(', ')}: according to its name it holds a secret, and a snapshot is for jobs without credentials.\nRemove it from --attribute, and use another attribute in the filters of the file.`,
  });
}
