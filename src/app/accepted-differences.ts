import { canonicalJson } from '../core/canonical.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { IgnoredChange, Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { count } from '../core/units.ts';
import {
  type Acceptance,
  type AcceptingEstate,
  acceptDomain,
  acceptMember,
  acceptSetting,
  type Difference,
} from '../estate/accept-difference.ts';
import { isSecretName } from '../estate/literal-secrets.ts';
import { suggestion } from '../estate/own-settings.ts';
import { type FindingCode, finding, hasCode } from '../findings/catalogue.ts';
import { isDerived } from '../products/products.ts';

/** An estate with the plan that shows its differences. */
export type Accepting = AcceptingEstate & { readonly plan: Plan };

/** An acceptance that is possible. */
export type Accepted = Exclude<Acceptance, { readonly refused: string }>;

/** What was asked for: what the files are to say, and everything that cannot be accepted. */
export interface Answered {
  readonly accepted: readonly Accepted[];
  readonly refused: readonly Finding[];
}

/** What a wish is about, and why a part of it is about nothing. */
interface Wish {
  readonly differences: readonly Difference[];
  readonly refused: readonly Finding[];
}

/** More accounts are another definition of a cohort, and no list of exceptions. */
const mostAccounts = 500;

/** What becomes of `TARGET:KEY`… or `all`: every reason against it at once. */
export function answerAll(asked: readonly string[], context: Accepting): Answered {
  const all = asked.includes('all');
  const wishes = all ? [everything(context)] : asked.map(name => named(name, context));
  const differences = distinctDifferences(wishes.flatMap(wish => wish.differences));
  const accounts = differences.filter(({ target }) => target === 'directory').length;
  const answers = differences.map(one => ({ one, answer: answer(one, context) }));
  const possible = answers.flatMap(({ one, answer: given }) => ('code' in given ? [] : [{ one, given }]));
  const refused = [
    ...wishes.flatMap(wish => wish.refused),
    ...(accounts > mostAccounts ? [tooMany(accounts)] : []),
    ...answers.flatMap(({ answer: given }) => ('code' in given ? [given] : [])),
  ];
  return {
    accepted: possible.map(({ given }) => given),
    refused: all && refused.length > 0 ? withOthers(refused, possible) : refused,
  };
}

/** Where not everything can be accepted, the rest can be named. */
function withOthers(
  refused: readonly Finding[],
  possible: readonly { readonly one: Difference }[],
): readonly Finding[] {
  const names = [...new Set(possible.map(({ one }) => `${one.target}:${one.change.key}`))];
  const last = refused.at(-1);
  if (!last || names.length === 0) return refused;
  return [...refused.slice(0, -1), { ...last, next: [...(last.next ?? []), nextCommands.accept(names)] }];
}

/** The differences of a plan. That a server has to be started again is none of its own. */
export function differencesOf({ steps }: Pick<Plan, 'steps'>): readonly Difference[] {
  return steps.flatMap(({ target, changes }) =>
    changes.flatMap(change => (change.action === 'restart' ? [] : [{ target, change }])),
  );
}

/** Each difference once. */
export function distinctDifferences(differences: readonly Difference[]): readonly Difference[] {
  return [...new Map(differences.map(one => [identityOf(one), one])).values()];
}

function identityOf({ target, change }: Difference): string {
  const { action, item, key, before = null, after = null } = change;
  return canonicalJson([target, action, item, key, before, after]);
}

function refuse(code: FindingCode & `drift.${string}`, detail: string, where?: Finding['where']): Finding {
  return finding(code, { detail: printable(detail), where });
}

function everything({ plan }: Accepting): Wish {
  const refused = [...plan.unread, ...(plan.away ?? [])].map(unread);
  const differences = differencesOf(plan);
  if (refused.length > 0 || differences.length > 0) return { differences, refused };
  return { differences, refused: [refuse('drift.nothing-to-accept', 'Nothing differs from the files.')] };
}

function named(name: string, context: Accepting): Wish {
  const { plan, state } = context;
  const colon = name.indexOf(':');
  const [target, key] = [name.slice(0, Math.max(0, colon)), name.slice(colon + 1)];
  const only = (finding: Finding): Wish => ({ differences: [], refused: [finding] });
  const targets = ['directory', ...state.hosts.map(host => host.name)];
  if (!targets.includes(target))
    return only(
      refuse(
        'drift.nothing-to-accept',
        `"${name}" names no host of the file, and not the directory.\nWrite TARGET:KEY, such as ${targets[1]}:KEY.${suggestion(target, targets)}`,
      ),
    );
  if (isSecretName(key)) return only(secret(target, key));
  const concerns = (one: { readonly target: string; readonly change: Difference['change'] }) =>
    one.target === target && one.change.key.toLowerCase() === key.toLowerCase();
  const differences = differencesOf(plan).filter(concerns);
  if (differences.length > 0) return { differences, refused: [] };
  if (plan.unread.includes(target) || plan.away?.includes(target)) return only(unread(target));
  const left = plan.ignored.find(concerns);
  return only(left ? ignored(left, context) : (unclear(target, key, plan) ?? nothing(target, key, plan)));
}

function secret(target: string, key: string): Finding {
  return refuse(
    'drift.accept-secret',
    `${target}:${key}: according to its name it holds a secret.\nA secret never stands in the file, and reconcile does not compare it.`,
  );
}

function unread(target: string): Finding {
  return refuse(
    'drift.accept-unread',
    `${target} could not be read, so it is not known what differs there.\nMake it readable, or accept keys of other targets.`,
  );
}

function ignored({ target, change, until, owner }: IgnoredChange, { state }: Accepting): Finding {
  const entry = state.ignore.find(one => one.target === target && one.key.toLowerCase() === change.key.toLowerCase());
  return refuse(
    'drift.accept-ignored',
    `${target}:${change.key} is left alone until ${until} (ask ${owner}).\nTo make the live value permanent, remove the entry of "ignore" first.`,
    entry?.source,
  );
}

function unclear(target: string, key: string, { findings }: Plan): Finding | undefined {
  const found = findings.find(
    one => hasCode(one, 'cs7.option-unclear') && one.target === target && one.detail.includes(key),
  );
  if (!found) return undefined;
  return refuse(
    'drift.accept-unread',
    `${target}:${key}: what davadmin prints for it is not understood.\n${found.detail}`,
  );
}

function nothing(target: string, key: string, plan: Plan): Finding {
  const keys = differencesOf(plan).flatMap(one => (one.target === target ? [one.change.key] : []));
  const others = keys.length === 0 ? `\nNothing differs on ${target}.` : suggestion(key, [...new Set(keys)]);
  return refuse(
    'drift.nothing-to-accept',
    `${target}:${key} does not differ from the file, or the file does not manage it.${others}`,
  );
}

function tooMany(accounts: number): Finding {
  return refuse(
    'drift.not-expressible',
    `${count(accounts, 'account')} differ, and at most ${mostAccounts} are edited in lists.\nChange the definition of the cohorts, or apply the plan.`,
  );
}

/** What the files are to say so that a difference is gone, or why they cannot. */
function answer(one: Difference, context: Accepting): Accepted | Finding {
  const { target, change } = one;
  const given = isSecretName(change.key) ? secret(target, change.key) : accept(one, context);
  if ('code' in given || !('refused' in given)) return given;
  return refuse('drift.not-expressible', `${target}:${change.key}: ${given.refused}`, change.source);
}

function accept(one: Difference, context: Accepting): Acceptance | Finding {
  const { target, change } = one;
  const { state, plan } = context;
  const { uniqueId, localUser } = state.directory;
  const host = state.hosts.find(({ name }) => name === target);
  const every = [...differencesOf(plan), ...plan.ignored];
  if (!host && isKey(change, localUser.attribute)) return acceptMember(one, context);
  if (!host && isKey(change, uniqueId.attribute)) return derived(one, 'Every account needs a unique id.');
  // What is left belongs to migrated accounts: their login, and their calendars.
  if (!host || change.group !== undefined || change.irreversible !== undefined)
    return derived(one, `It follows from "migrated" of cohort ${change.group ?? ''}.`);
  if (host.product === 'cs7' && host.domains.some(({ domain }) => domain === change.key))
    return acceptDomain(one, every, context);
  if (isDerived(host.product, change.key)) return derived(one, 'Coexistence needs it.');
  return acceptSetting(one, host.product, every, context);
}

function isKey({ key }: Difference['change'], name: string): boolean {
  return key.toLowerCase() === name.toLowerCase();
}

function derived({ target, change }: Difference, why: string): Finding {
  const detail = `${target}:${change.key} is derived from the rest of the file. ${why}\nApply the plan, or change what it follows from:`;
  const next = [nextCommands.why(target, change.key)];
  return finding('drift.accept-derived', { detail: printable(detail), where: change.source, next });
}

/** Why a plan of the edited files does not prove that exactly the accepted differences are gone; empty where it does. */
export function proofFindings(before: Plan, after: Plan, settled: readonly Difference[]): readonly Finding[] {
  const gone = new Set(settled.map(identityOf));
  const had = allOf(before);
  const has = allOf(after);
  const lines = [
    ...[...gone].filter(id => has.has(id)).map(id => `still there: ${nameIn(has, id)}`),
    ...[...had.keys()].filter(id => !gone.has(id) && !has.has(id)).map(id => `also gone: ${nameIn(had, id)}`),
    ...[...has.keys()].filter(id => !had.has(id)).map(id => `new: ${nameIn(has, id)}`),
    ...after.unread.filter(target => !before.unread.includes(target)).map(target => `not read any more: ${target}`),
  ];
  const known = new Set(before.findings.map(findingIdentity));
  const errors = after.findings.filter(one => one.severity === 'error' && !known.has(findingIdentity(one)));
  if (lines.length === 0 && errors.length === 0) return [];
  const shown = lines.slice(0, 20);
  const more = lines.length > shown.length ? `\nand ${lines.length - shown.length} more` : '';
  const found = lines.length === 0 ? 'The edited file has a problem that the file does not have.' : shown.join('\n');
  return [refuse('drift.accept-unproved', `${found}${more}\nEdit the file by hand, or apply the plan.`), ...errors];
}

/** What two findings that say the same have in common. */
export function findingIdentity({ code, detail, target, about }: Finding): string {
  return canonicalJson([code, target ?? '', about?.count ?? 0, detail]);
}

function allOf(plan: Plan): ReadonlyMap<string, Difference> {
  const all = [...differencesOf(plan), ...plan.ignored];
  return new Map(all.map(one => [identityOf(one), one]));
}

function nameIn(all: ReadonlyMap<string, Difference>, id: string): string {
  const found = all.get(id);
  if (!found) return '';
  const { key, item, group } = found.change;
  return `${found.target} ${key} (${item})${group === undefined ? '' : `, as cohort ${group} asks`}`;
}
