import { dirname } from 'node:path';
import { type PlannedState, withoutConnections } from '../core/connection.ts';
import type { Finding, SourcePosition } from '../core/finding.ts';
import { largestFile } from '../estate/decode.ts';
import type { LoadOptions } from '../estate/document.ts';
import { type EstateSource, type LoadedEstate, loadEstates } from '../estate/load.ts';
import { finding } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import type { LocalContext } from './context.ts';
import { readFileBytes, readFileText, unreadable } from './files.ts';

/** What loading estate files needs. */
export type LoadContext = Pick<LocalContext, 'files' | 'schemas' | 'variables' | 'clock'>;

/**
 * Reads and checks the estate files, which are merged; connects to nothing. With `allowed` they are not trusted: each is read
 * only where it lies in its folder, and may ask for these variables only.
 */
export async function loadFiles(
  names: readonly string[],
  { files, schemas, variables, clock }: LoadContext,
  allowed?: ReadonlySet<string>,
): Promise<LoadedEstate> {
  const read = (name: string) => (allowed ? readInFolder(name, files) : readFileBytes(name, files, largestFile));
  const sources = await Promise.all(names.map(async file => ({ file, content: await read(file) })));
  const unread = sources.flatMap(({ content }) => (content instanceof Uint8Array ? [] : [content]));
  if (unread.length > 0) return { findings: unread };
  const texts = sources.flatMap(({ file, content }) => (content instanceof Uint8Array ? [{ file, content }] : []));
  const options = { environment: variables, variables: allowed, day: dayOf(clock.now()), readFile: files.readRegular };
  return namedApart(loadEstates(texts, schemas.estate, options));
}

/**
 * The same for a text that is in no file yet; `file` is where it will be, and `readFile` has the files that it names. With
 * `connectionsOnly` only how targets are reached is taken from it.
 */
export function loadText(
  sources: readonly EstateSource[],
  { schemas, variables, clock }: Omit<LoadContext, 'files'>,
  options: Pick<LoadOptions, 'readFile' | 'connectionsOnly'>,
): LoadedEstate {
  return namedApart(
    loadEstates(sources, schemas.estate, { environment: variables, day: dayOf(clock.now()), ...options }),
  );
}

/** `--only` takes names of hosts, of cohorts and of kinds: none may be of two things. */
function namedApart(loaded: LoadedEstate): LoadedEstate {
  const { state } = loaded;
  if (!state) return loaded;
  const kinds = new Set(targetsOf(state).map(({ kind }) => kind));
  const clashes = [...state.hosts, ...state.cohorts].filter(({ name }) => kinds.has(name) || name === 'directory');
  if (clashes.length === 0) return loaded;
  const named = clashes.map(({ name, source }) => {
    const other =
      name === 'directory'
        ? 'what plans call the LDAP directory'
        : 'the name of a kind, a group of things that reconcile manages';
    const detail = `"${name}" is ${other}.\nPlans and --only use this name, so give the host or the cohort another one.`;
    return finding('estate.host-named-twice', { detail, where: source });
  });
  return { name: state.name, findings: [...loaded.findings, ...named] };
}

/** The day of a time, YYYY-MM-DD. */
export function dayOf(time: string): string {
  return time.slice(0, 'YYYY-MM-DD'.length);
}

/** Reads how targets are reached from a file; the rest of it is passed over, and may be left out. */
export async function loadConnections(file: string, { files, schemas, variables }: LoadContext): Promise<LoadedEstate> {
  const content = await readFileBytes(file, files, largestFile);
  if (!(content instanceof Uint8Array)) return { findings: [content] };
  return loadEstates([{ file, content }], schemas.estate, { environment: variables, connectionsOnly: true });
}

/** A link in the place of an estate file could show any file of this machine line by line, as one with errors. */
async function readInFolder(file: string, files: LocalFiles): Promise<Uint8Array | Finding> {
  const read = files.readRegular(file, largestFile, dirname(file));
  return read instanceof Uint8Array ? read : unreadable(file, read.reason);
}

/** The lines at some places of some files; nothing for what cannot be read any more. */
export async function readLines(
  places: readonly SourcePosition[],
  files: LocalFiles,
): Promise<(where: SourcePosition) => string | undefined> {
  const lines = new Map<string, readonly string[]>();
  for (const file of new Set(places.map(place => place.file))) {
    const text = await readFileText(file, files);
    if (typeof text === 'string') lines.set(file, text.split(/\r?\n/));
  }
  return ({ file, line }) => lines.get(file)?.[line - 1];
}

/** Everything that is managed by a wanted state, as the kinds declare it. */
export function managedTargets(desired: PlannedState): readonly BoundTarget[] {
  return targetsOf(withoutConnections(desired));
}
