import { canonicalJson } from '../core/canonical.ts';
import { targetId } from '../core/change.ts';
import type { Finding, Provenance } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { AccountCount, Comparison } from '../core/plan.ts';
import { finding } from '../findings/catalogue.ts';
import { expiryOf } from './build.ts';
import type { CountBefore } from './limits.ts';
import { accountsToCount } from './limits.ts';
import type { Part, PartFile } from './shard-part.ts';

/** Why parts do not make a whole at a time, all reasons at once. */
export function partProblems(files: readonly PartFile[], at: string): readonly Finding[] {
  const [first] = files;
  if (!first) return [];
  const others = files.filter(({ part }) => !isOfOneRun(part, first.part));
  const alike = files.filter(one => !others.includes(one));
  return [
    ...others.map(one => otherPart(one, first, difference(one.part, first.part))),
    ...twice(alike),
    ...missing(alike, first.part.shard.of),
    ...files.flatMap(one => expired(one, at)),
  ];
}

function isOfOneRun(a: Part, b: Part): boolean {
  return difference(a, b) === undefined;
}

function difference(a: Part, b: Part): string | undefined {
  if (a.tool !== b.tool) return `version ${a.tool} made it, and ${b.tool} the other`;
  if (a.shard.of !== b.shard.of) return `it is one of ${a.shard.of}, and the other one of ${b.shard.of}`;
  // Places count too: the messages of a plan name lines, and those of two revisions do not go together.
  const sameFile = canonicalJson([a.desired, a.warnings]) === canonicalJson([b.desired, b.warnings]);
  return sameFile ? undefined : 'they were made from different files, or on different days of a wave';
}

function otherPart({ file, part }: PartFile, first: PartFile, difference = ''): Finding {
  const detail = `${file} and ${first.file} are not parts of one plan: ${difference}.`;
  return problem('part.other', detail, {
    of: first.part.shard.of,
    number: part.shard.number,
    file,
  });
}

function twice(files: readonly PartFile[]): readonly Finding[] {
  return files.flatMap(({ file, part }, i) => {
    const earlier = files.slice(0, i).find(one => one.part.shard.number === part.shard.number);
    if (!earlier) return [];
    const detail = `${file} and ${earlier.file} are both part ${part.shard.number} of ${part.shard.of}.`;
    return [problem('part.twice', detail, { ...part.shard, file })];
  });
}

function missing(files: readonly PartFile[], of: number): readonly Finding[] {
  const there = new Set(files.map(({ part }) => part.shard.number));
  const absent = Array.from({ length: of }, (_, i) => i + 1).filter(number => !there.has(number));
  if (absent.length === 0) return [];
  const detail = `Of ${of} parts ${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} missing. Did a job fail?\nTheir hosts and accounts would look as if they were in sync.`;
  return [problem('part.missing', detail, { number: absent[0] ?? 1, of })];
}

function expired({ file, part }: PartFile, at: string): readonly Finding[] {
  const until = expiryOf(part.readAt, part.desired.policy);
  if (Date.parse(at) <= Date.parse(until)) return [];
  const detail = `${file} was read at ${part.readAt} and expired at ${until}; now it is ${at}.`;
  return [problem('part.expired', detail, { ...part.shard, file })];
}

/** A problem of one part; its command makes that part anew. */
function problem(
  code: 'part.other' | 'part.twice' | 'part.missing' | 'part.expired',
  detail: string,
  { number, of, file }: Part['shard'] & { readonly file?: string },
): Finding {
  return finding(code, {
    detail: `${detail}\nMake all parts again, from one revision and with one version, such as this one:`,
    next: [nextCommands.planPart(number, of, file ?? `part-${number}.json`)],
    where: file === undefined ? undefined : { file, line: 1 },
  });
}

/** How comparisons of the same target in several parts become one: the engine knows their order. */
export type Join = (comparisons: readonly Comparison[]) => Pick<Comparison, 'changes' | 'findings'>;

/** The comparisons of all parts, each target once, in the order of `ids` (`<target>/<kind>`). */
export function joinComparisons(parts: readonly Part[], ids: readonly string[], join: Join): readonly Comparison[] {
  const ordered = parts.toSorted((a, b) => a.shard.number - b.shard.number);
  const all = ordered.flatMap(({ comparisons }) => comparisons);
  return ids.map(id => {
    const [first, ...more] = all.filter(one => targetId(one) === id);
    if (!first) throw new Error(`no part has ${id}`);
    if (more.length === 0) return first;
    const { kind, stage, target, activates } = first;
    const about = { kind, stage, target, ...(activates && { activates }) };
    // What one part could not read whole, the others may have read in another state.
    const unread = [first, ...more].find(one => one.unread)?.unread;
    return unread ? { ...about, changes: [], findings: [], unread } : { ...about, ...join([first, ...more]) };
  });
}

/** As many accounts as an undivided run would have counted. */
export function accountsOfParts(
  parts: readonly Part[],
  comparisons: readonly Comparison[],
  before: CountBefore | undefined,
): AccountCount {
  const [first] = parts;
  const all = parts.find(({ accounts }) => accounts)?.accounts;
  if (!first || !all || comparisons.some(({ target, unread }) => target === 'directory' && unread))
    return { counted: 0, all: false };
  const most = accountsToCount(first.desired, comparisons, before);
  return all.counted > most ? { counted: most, all: false } : all;
}

/** The commit that all parts are from, and whether it was clean; nothing where they are from several, or one does not say. */
export function checkoutOfParts(parts: readonly Part[]): Pick<Provenance, 'commit' | 'clean'> {
  const [first, ...others] = parts.map(({ by = {} }) => by);
  const { commit } = first ?? {};
  if (!commit || others.some(other => other.commit?.id !== commit.id)) return {};
  const clean = [first, ...others].map(one => one?.clean);
  if (clean.includes(false)) return { commit, clean: false };
  return clean.includes(undefined) ? { commit } : { commit, clean: true };
}
