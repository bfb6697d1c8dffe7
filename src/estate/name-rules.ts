import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { isWholeName, nameProblem } from '../ldap/distinguished-name.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { CohortEntry, EstateFile } from './estate-file.ts';
import { overCleanParts } from './valid-parts.ts';

/** A text of the file that names an entry of the directory. */
interface WrittenName {
  readonly path: DocumentPath;
  readonly name: string | undefined;
}

/** Texts that should be DNs and are none. They may come from the environment, so that none of them is quoted. */
export function checkNames(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return [ofDirectory, ofCohorts, ofIgnored].flatMap(names =>
    overCleanParts(() => names(estate).flatMap(one => overCleanParts(() => problemOf(one, document)))),
  );
}

function problemOf({ path, name }: WrittenName, document: EstateDocument): readonly Finding[] {
  const problem = name === undefined ? undefined : nameProblem(name);
  if (!problem) return [];
  return [
    finding('estate.dn-syntax', {
      detail: `${path.join('.')}, character ${problem.offset + 1}: ${problem.reason}\nWrite a comma within a value as \\, or \\2C.`,
      where: document.at(path),
    }),
  ];
}

function ofDirectory({ directory }: EstateFile): readonly WrittenName[] {
  return [
    { path: ['directory', 'bindDn'], name: directory.bindDn },
    { path: ['directory', 'base'], name: directory.base },
    ...Object.entries(directory.accounts ?? {}).map(([kind, accounts]) => ({
      path: ['directory', 'accounts', kind, 'base'],
      name: accounts?.base,
    })),
  ];
}

function ofCohorts({ cohorts }: EstateFile): readonly WrittenName[] {
  return Object.keys(cohorts).flatMap(cohort => overCleanParts(() => ofMembers(cohort, cohorts[cohort]?.members)));
}

function ofMembers(cohort: string, members: CohortEntry['members'] | undefined): readonly WrittenName[] {
  if (members === undefined || members === 'rest') return [];
  const path = ['cohorts', cohort, 'members'];
  return [
    { path: [...path, 'base'], name: members.base },
    { path: [...path, 'group'], name: members.group },
    ...(members.list ?? []).map((name, i) => ({
      path: [...path, 'list', i],
      // Without either it is a uid.
      name: isWholeName(name) || name.includes(',') ? name : undefined,
    })),
  ];
}

function ofIgnored({ ignore = [] }: EstateFile): readonly WrittenName[] {
  return ignore.map((entry, i) => ({ path: ['ignore', i, 'item'], name: entry.item }));
}
