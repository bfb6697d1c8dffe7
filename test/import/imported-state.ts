import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Change } from '../../src/core/change.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { loadEstate } from '../../src/estate/load.ts';
import type { DirectoryFacts } from '../../src/import/fact.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { setAside } from '../../src/plan/ignore.ts';
import type { DirectoryReader } from '../../src/ports/directory.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { estateSchema } from '../kinds/cases.ts';

const chapter = readFileSync('examples/chapter.yaml', 'utf8');

/** The state of the chapter's estate with what was found in place of its own; the files are beside it. */
export function importedState({ found, files, mailDomains }: DirectoryFacts): DesiredState {
  const estate = parse(chapter);
  estate.cohorts = {};
  for (const domain of mailDomains.keys()) estate.domains[domain] = { cs6: 'cs6' };
  for (const { path, value } of found) {
    let place = estate;
    for (const key of path.slice(0, -1)) place = place[key] ??= {};
    place[path.at(-1) ?? ''] = value;
  }
  const contents = new Map(files.map(({ path, content }) => [path, Buffer.from(content)]));
  const readFile = (path: string) => contents.get(path) ?? { reason: 'it is not there' };
  const { state, findings } = loadEstate('estate.yaml', stringify(estate), estateSchema, {}, { readFile });
  if (!state) throw new Error(JSON.stringify(findings));
  return state;
}

/** What a plan of accounts would change, without unique ids that are missing: those are what coexistence needs. */
export async function plannedChanges(state: DesiredState, reader: DirectoryReader): Promise<readonly Change[]> {
  const unused = (): never => {
    throw new Error('not for this test');
  };
  const ports: ReadPorts = { directory: () => reader, host: unused, records: unused, freeBusy: unused };
  const targets = targetsOf(state).filter(({ kind }) => ['ldap-cohort', 'ldap-login', 'ldap-unique-id'].includes(kind));
  const { comparisons } = setAside(await compareAll(targets, ports), state.ignore, '2026-12-01');
  const unread = comparisons.flatMap(one => one.unread ?? []);
  if (unread.length > 0) throw new Error(JSON.stringify(unread));
  return comparisons
    .flatMap(({ changes }) => [...changes])
    .filter(({ key }) => key !== state.directory.uniqueId.attribute);
}
