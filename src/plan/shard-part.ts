import { canonicalJson, sha256 } from '../core/canonical.ts';
import { compileSchema } from '../core/compile-schema.ts';
import { type PlannedState, plannedState } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding, Provenance } from '../core/finding.ts';
import type { AccountCount, Comparison } from '../core/plan.ts';
import { printableJson } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';
import type { CountBefore } from './limits.ts';
import type { Shard } from './shard.ts';

/** What one part of an estate was found to be: no plan, and nothing that an apply takes for one. */
export interface Part {
  readonly format: 'reconcile-part';
  readonly formatVersion: 2;
  /** Version of the program that made it. */
  readonly tool: string;
  /** Who read it, and from which commit the files are. */
  readonly by?: Provenance;
  readonly shard: Shard;
  /** When the live state was read, ISO 8601. */
  readonly readAt: string;
  readonly desired: PlannedState;
  readonly comparisons: readonly Comparison[];
  /** All accounts of the directory; the first part counts them. */
  readonly accounts?: AccountCount;
  /** What the records of runs say, and what is not checked without them; the first part reads them. */
  readonly recorded?: { readonly before?: CountBefore; readonly findings: readonly Finding[] };
  /** What is remarkable about the file itself. */
  readonly warnings: readonly Finding[];
  /** SHA-256 over all of the above. */
  readonly digest: string;
}

/** Puts the digest on a part, and takes away what is needed to connect. */
export function sealPart(
  part: Omit<Part, 'format' | 'formatVersion' | 'digest' | 'desired'> & {
    readonly desired: DesiredState | PlannedState;
  },
): Part {
  const whole = {
    ...{ format: 'reconcile-part' as const, formatVersion: 2 as const },
    ...part,
    desired: plannedState(part.desired),
    // A part is read whole when the parts are joined: it has all changes in it.
    comparisons: part.comparisons.map(one => ({ ...one, changes: [...one.changes] })),
  };
  return { ...whole, digest: sha256(canonicalJson(whole)) };
}

/** A part as the text of a file. */
export function renderPart(part: Part): string {
  return printableJson(part, 1);
}

/** The texts of parts -> the parts, or why one is none. */
export function parseParts(
  files: readonly { readonly file: string; readonly text: string }[],
  schemas: { readonly part: object; readonly plan: object },
): readonly (PartFile | Finding)[] {
  const validate = compileSchema<Part>(schemas.part, [schemas.plan]);
  return files.map(({ file, text }) => {
    const value = parseJson(text);
    if (value === undefined) return unusablePart(file, 'it is not JSON; perhaps it was cut off');
    if (!validate(value)) {
      const [error] = validate.errors ?? [];
      return unusablePart(
        file,
        `it is not a part that this version understands: ${error?.instancePath} ${error?.message}`,
      );
    }
    const { digest, ...rest } = value;
    if (sha256(canonicalJson(rest)) !== digest) return unusablePart(file, 'it was changed after it was made');
    return { file, part: value };
  });
}

/** A part and where it stands. */
export interface PartFile {
  readonly file: string;
  readonly part: Part;
}

/** Why a file is no part that counts. */
export function unusablePart(file: string, problem: string): Finding {
  return finding('part.unusable', {
    detail: `${file}: ${problem}.\nMake it again with --shard.`,
    where: { file, line: 1 },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
