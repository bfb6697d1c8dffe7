import type { Finding } from '../core/finding.ts';
import { beside } from './beside.ts';
import { overCleanParts } from './clean-view.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import type { FileReader } from './load-options.ts';
import { readMemberFile } from './member-file.ts';
import { largestMemberFile, unreadable } from './member-findings.ts';
import type { MemberNames } from './member-names.ts';

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
  const read = new Map(files.map(file => [file, readNames(file, readFile)]));
  const findings = asked.flatMap(({ file, path }) => {
    const names = read.get(file);
    if (!names) return [];
    return 'reason' in names ? [unreadable(file, names.reason, document.at(path))] : names.findings;
  });
  const cohorts = new Map(
    asked.flatMap(({ cohort, file }) => {
      const names = read.get(file);
      return names && !('reason' in names) ? [[cohort, { file, names }] as const] : [];
    }),
  );
  return { cohorts, findings, files };
}

function readNames(file: string, readFile: FileReader): MemberNames | { readonly reason: string } {
  const content = readFile(file, largestMemberFile);
  return content instanceof Uint8Array ? readMemberFile(file, content) : content;
}

interface AskedFile {
  readonly cohort: string;
  readonly path: DocumentPath;
  readonly file: string;
}

function askedFiles(estate: EstateFile, document: EstateDocument): readonly AskedFile[] {
  return overCleanParts(() =>
    Object.keys(estate.cohorts).flatMap(cohort =>
      overCleanParts(() => {
        const members = estate.cohorts[cohort]?.members;
        if (members === undefined || members === 'rest' || members.file === undefined) return [];
        const path = ['cohorts', cohort, 'members', 'file'];
        return [{ cohort, path, file: beside(document, path, members.file) }];
      }),
    ),
  );
}
