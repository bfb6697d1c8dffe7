import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, in this order: none of them is to begin when all others have ended. */
const longest = [
  'e2e/killed/random-moments',
  'e2e/verify',
  'e2e/undo-later',
  'e2e/coexistence-matrix',
  'e2e/directory-connection',
  'e2e/killed/chapter',
  'e2e/trusted-apply',
  'e2e/dialects',
  'e2e/chapter',
  'e2e/pull-request',
  'e2e/cut/cuts',
  'e2e/file-times',
  'e2e/faults',
  'e2e/gates',
  'e2e/killed/migration',
  'directories/survey',
  'directories/interrupted-moves',
  'snapshot/directories',
  'plan/shard-directories',
  'adapters/ldap/search',
  'e2e/guards',
  'e2e/undo',
  'e2e/audit',
  'e2e/drift',
  'adapters/ssh/attack/links',
  'e2e/strangers-files',
  'adapters/ldap/modify',
  'protocol/lock',
];

/** Begins with the longest files, the rest as vitest would. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    return usual.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const at = longest.findIndex(name => moduleId.endsWith(`test/${name}.test.ts`));
  return at < 0 ? longest.length : at;
}
