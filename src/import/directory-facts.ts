import type { DesiredState } from '../core/desired.ts';
import type { EstateEdit, FileValue } from '../estate/edit-estate.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import { findAccountBase, type Stated } from './directory-base.ts';
import type { DirectoryFacts, HostFacts } from './fact.ts';

/** What is known before the directory is looked at. */
export interface PeopleHints {
  /** What the hosts are configured with: suggestions, which are checked. */
  readonly hosts: readonly Pick<HostFacts, 'product' | 'directory' | 'settings'>[];
  /** What the user stated; it wins, and nothing is found for it. */
  readonly stated: readonly EstateEdit[];
  /** YYYY-MM-DD. */
  readonly day: string;
}

/**
 * What the directory says about its accounts: where they are, which attributes they carry, and which cohorts describe who is
 * on CS7. While the base is a choice nothing else is looked for: ask again with the base among what is stated. Of `state`
 * only how the directory is reached counts. Throws TargetProblem where the directory does not answer.
 */
export async function findPeople(
  { directory }: DesiredState,
  reader: DirectoryReader,
  { hosts, stated: edits }: PeopleHints,
): Promise<DirectoryFacts> {
  const stated = statedIn(edits);
  const suggested = hosts.flatMap(host => host.directory.base ?? []);
  const accounts = await findAccountBase(directory, reader, suggested, stated);
  return { ...accounts.facts, accounts: 0, stores: new Map(), mailDomains: new Map(), files: [] };
}

/** Looks into what was stated, whether a key was stated itself or a map that has it. */
function statedIn(edits: readonly EstateEdit[]): Stated {
  return (...path) => {
    for (const edit of edits) {
      if (edit.path.length > path.length || edit.path.some((key, i) => key !== path[i])) continue;
      const value = path.slice(edit.path.length).reduce<FileValue | undefined>(below, edit.value);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function below(value: FileValue | undefined, key: string): FileValue | undefined {
  return isMap(value) ? value[key] : undefined;
}

function isMap(value: FileValue | undefined): value is { readonly [key: string]: FileValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
