import { drawAlone, type NextCommand } from './next-command.ts';
import { count } from './units.ts';

/** How many that are alike are kept before the others are only counted. */
const mostAlike = 20;

/** How many names a finding keeps of what it is about. */
export const mostNamed = 20;

/**
 * Makes one finding of those that say the same about different things, and counts and names those things. Of findings that
 * `likeness` says are alike and that say something else, some are kept, and what the others are about is counted on the last
 * one kept: the first that come, or with `order` the first by that, so that it does not matter in which order they come. What
 * was folded before may be added too: folding parts and then those together gives the same as folding all at once.
 */
export function foldFindings(
  likeness: (finding: Finding) => string,
  order?: (a: Finding, b: Finding) => number,
): {
  add(finding: Finding): void;
  all(): readonly Finding[];
} {
  const alike = new Map<string, { readonly kept: Finding[]; more: number }>();
  return {
    add({ more = 0, ...finding }) {
      const id = likeness(finding);
      const group = alike.get(id) ?? { kept: [], more: 0 };
      alike.set(id, group);
      group.more += more;
      const same = finding.about ? group.kept.findIndex(one => saySame(one, finding)) : -1;
      const known = group.kept[same];
      if (known?.about && finding.about) {
        group.kept[same] = { ...known, about: together(known.about, finding.about) };
        return;
      }
      group.kept.splice(placeOf(finding, group.kept, order), 0, finding);
      const left = group.kept.length > mostAlike ? group.kept.pop() : undefined;
      if (left) group.more += countOf(left);
    },
    all: () =>
      [...alike.values()].flatMap(({ kept, more }) =>
        kept.map((finding, i) => (more > 0 && i === kept.length - 1 ? { ...finding, more } : finding)),
      ),
  };
}

/** How many things a finding is about, and those that are only counted on it. */
export function countOf({ about, more = 0 }: Finding): number {
  return (about?.count ?? 1) + more;
}

function saySame(a: Finding, b: Finding): boolean {
  return (
    a.about !== undefined &&
    a.detail === b.detail &&
    a.severity === b.severity &&
    a.code === b.code &&
    a.target === b.target &&
    a.where?.file === b.where?.file &&
    a.where?.line === b.where?.line
  );
}

function together(one: About, other: About): About {
  const last = one.names.at(-1);
  const full = one.names.length >= mostNamed;
  const news = full ? other.names.filter(name => last !== undefined && name < last) : other.names;
  return {
    count: one.count + other.count,
    names: news.length === 0 ? one.names : [...one.names, ...news].toSorted().slice(0, mostNamed),
  };
}

function placeOf(finding: Finding, kept: readonly Finding[], order: ((a: Finding, b: Finding) => number) | undefined) {
  const place = order ? kept.findIndex(one => order(finding, one) < 0) : -1;
  return place < 0 ? kept.length : place;
}

/** Each finding once: a host that is down, or a password that ends, gives the same one to every kind that asks. */
export function distinctFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map(one => [JSON.stringify(one), one])).values()];
}

/** Where something stands: a file of the user's, or a file on a host. Lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  /** The column after the last character; findings in a file of the user's have it. */
  readonly endColumn?: number;
}

/** A line of a user's file, made printable and cut to fit, without secrets, and what is meant in it. */
export interface Excerpt {
  readonly line: string;
  /** Counts from 1, in `line`. */
  readonly column: number;
  readonly length: number;
}

/** The commit of the checkout that the estate files lie in, as git or CI names it. */
export interface Commit {
  /** Hexadecimal. */
  readonly id: string;
  readonly author?: string;
  /** The address of its page on the code host. */
  readonly link?: string;
  /** `pull request 17`, `merge request 17`. */
  readonly pullRequest?: { readonly name: string; readonly link: string };
}

/** Who ran a command, and on what: reports, plans and records have it. Text from outside, which proves and decides nothing. */
export interface Provenance {
  /** The login that CI names, or `user@machine`. */
  readonly actor?: string;
  /** Absent where neither git nor CI names it. */
  readonly commit?: Commit;
  /**
   * Whether all estate files are as they are in the commit, and no other file of it differs in the checkout. Absent where that
   * is not known.
   */
  readonly clean?: boolean;
  /** The web address of the job. */
  readonly job?: string;
}

/** `error` keeps a plan from being applied, `warning` asks for attention, `note` tells. */
export type Severity = 'error' | 'warning' | 'note';

/** Several things with the same to be said about them. */
export interface About {
  readonly count: number;
  /** The first of them in their order; not all where there are many. */
  readonly names: readonly string[];
}

/** `value`: whether something is as wanted is not known. `effect`: what is on disk is not proved to be in effect. */
export type Open = 'value' | 'effect';

/** A problem or a remark, collected instead of thrown. */
export interface Finding {
  readonly severity: Severity;
  /** `<area>.<problem>`, stable across releases; what scripts match on. */
  readonly code: string;
  /** Fixed text for the code: no names, no numbers. */
  readonly summary: string;
  /** What exactly, why it matters and what to do; may have several lines. */
  readonly detail: string;
  readonly where?: SourcePosition;
  /** What stands at `where`. */
  readonly excerpt?: Excerpt;
  /** What it is about, where the same is said of several accounts or names; `detail` names none of them then. */
  readonly about?: About;
  /** How many more there are with the same code whose own findings were not kept. */
  readonly more?: number;
  /** The host, `directory`, or nothing where the finding concerns the file itself. */
  readonly target?: string;
  /** Set where it says that `target` could not be read: that keeps a plan from being whole, and is no guard that refuses it. */
  readonly unread?: true;
  /** What it leaves open, so that nothing is called in sync: a value that is not known, or that what is on disk is in effect. */
  readonly open?: Open;
  /** Commands that help, which stand below the detail. */
  readonly next?: readonly NextCommand[];
}

/** How many names of what a finding is about are shown where there is no room for all. */
const fewNames = 3;

/**
 * The detail of a finding with its commands below, each on a line of its own, what it is about (at most so many names), and
 * how many more there are.
 */
export function fullDetail(
  { detail, next = [], about, more = 0 }: Pick<Finding, 'detail' | 'next' | 'about' | 'more'>,
  most = fewNames,
): string {
  return [
    detail,
    ...next.flatMap(command => [...(command.lead === undefined ? [] : [command.lead]), `    ${drawAlone(command)}`]),
    ...(about ? [aboutLine(about, most)] : []),
    ...(more > 0 ? [`… and ${count(more, 'more', 'more')} with this code, not listed`] : []),
  ].join('\n');
}

function aboutLine(about: About, most: number): string {
  const names = about.names.slice(0, most);
  const listed = names.join('; ');
  if (about.count === 1) return `Found for ${listed}`;
  return `Found for ${about.count.toLocaleString('en-US')}${names.length < about.count ? ', such as' : ':'} ${listed}`;
}

/**
 * Thrown when a target (a host or the directory) cannot be read or written in full.
 * Carries the finding to show; anything else that is thrown is a bug of ours.
 */
export class TargetProblem extends Error {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(`${finding.code}: ${finding.summary}\n${finding.detail}`);
    this.name = 'TargetProblem';
    this.finding = finding;
  }
}
