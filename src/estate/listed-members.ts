import { dirname } from 'node:path/posix';
import type { Finding } from '../core/finding.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import type { FileReader, NotRead } from './load-options.ts';
import { readMemberFile } from './member-file.ts';
import { largestMemberFile, outsideOfEstate, unreadable } from './member-findings.ts';
import type { MemberNames } from './member-names.ts';
import { beside } from './resolve-path.ts';
import { overCleanParts } from './valid-parts.ts';

/** The members of cohorts that stand in files of their own. */
export interface ListedMembers {
  /** By the name of the cohort. */
  readonly cohorts: ReadonlyMap<string, { readonly file: string; readonly names: MemberNames }>;
  readonly findings: readonly Finding[];
  /** Files that findings may point into. */
  readonly files: readonly string[];
}

/** Reads the files that cohorts name, each once, with every problem in any of them. */
export function readListedMembers(
  estate: EstateFile,
  document: EstateDocument,
  readFile: FileReader = () => ({ reason: 'nothing can read files here' }),
): ListedMembers {
  const asked = askedFiles(estate, document);
  const files = [...new Set(asked.map(({ file }) => file))];
  const read = new Map(asked.map(({ file, folder }) => [file, readNames(file, folder, readFile)]));
  const findings = asked.flatMap(({ file, folder, path }) => {
    const names = read.get(file);
    if (!names) return [];
    if (!('reason' in names)) return names.findings;
    const where = document.at(path);
    return names.outside ? [outsideOfEstate(file, folder, where)] : [unreadable(file, names.reason, where)];
  });
  const cohorts = new Map(
    asked.flatMap(({ cohort, file }) => {
      const names = read.get(file);
      return names && !('reason' in names) ? [[cohort, { file, names }] as const] : [];
    }),
  );
  return { cohorts, findings, files };
}

function readNames(file: string, folder: string, readFile: FileReader): MemberNames | NotRead {
  const content = readFile(file, largestMemberFile, folder);
  return content instanceof Uint8Array ? readMemberFile(file, content) : content;
}

interface AskedFile {
  readonly cohort: string;
  readonly path: DocumentPath;
  readonly file: string;
  /** Where it has to lie: the folder of the estate file that names it. */
  readonly folder: string;
}

function askedFiles(estate: EstateFile, document: EstateDocument): readonly AskedFile[] {
  return overCleanParts(() =>
    Object.keys(estate.cohorts).flatMap(cohort =>
      overCleanParts(() => {
        const members = estate.cohorts[cohort]?.members;
        if (members === undefined || members === 'rest' || members.file === undefined) return [];
        const path = ['cohorts', cohort, 'members', 'file'];
        const folder = dirname(document.at(path).file);
        return [{ cohort, path, folder, file: beside(document, path, members.file) }];
      }),
    ),
  );
}
