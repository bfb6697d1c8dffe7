/**
 * The order of everything, as one table, and how each part of it is drawn and counted.
 *
 *   check ──> identity ──> accounts ──> cs7 hosts, one by one ──> logins ──> calendars
 *                 │            ▲         config ─> restart        to CS6      on CS6
 *                 │            │                                  denied      deleted
 *                 └─ cs6 hosts, one by one
 *                     config ─> restart
 *
 * Why: autoprovisioning must be off on every CS6 host, and running so, before the first account moves, or an invitation
 * to a moved account makes CS6 create a calendar for it. The moment CS7 knows its local-user attribute, every account
 * without it counts as one of CS6: so the accounts carry it first. The unique id is what CS7 files data under, so no
 * account moves without one. Nothing of an account is taken away on CS6 before CS7 answers for it, and its login goes before
 * its calendars, or it could make them anew. (Chapter 10, "Calendar Coexistence Overview" and "Workflow Description".)
 */
export type Stage =
  | 'check'
  | 'identity'
  | 'cs6-config'
  | 'cs6-activate'
  | 'accounts'
  | 'cs7-config'
  | 'cs7-activate'
  | 'cs6-logins'
  | 'cs6-calendars';

/**
 * How the changes of a stage are drawn. `host`: under the host that they are made on. `account`: under one heading.
 * `cohort`: accounts that may change sides, each under its cohort. `host-account`: things of accounts on a host, under a
 * heading for each host, which stands for `{host}`.
 */
export type StageView =
  | { readonly by: 'host' | 'cohort' }
  | { readonly by: 'account' | 'host-account'; readonly heading: string };

/** What a number of things is called. */
export interface Counted {
  readonly one: string;
  readonly many: string;
}

/** A row: when a stage runs, and which stages must be in sync everywhere, not only started, before it may. */
export interface StageRow {
  readonly stage: Stage;
  /** Steps of stages with the same `tier` run host by host: all stages of one host, then the next host. */
  readonly tier: number;
  readonly requires: readonly Stage[];
  /** Required stages in which the failure of single accounts holds nothing up. */
  readonly tolerates?: readonly Stage[];
  /** The stage that a restart brings into effect on its target, which must not be left without it. */
  readonly brings?: Stage;
  /** Stages that must come after it, on every target: a plan that begins it and leaves them out is refused. */
  readonly followedBy?: readonly Stage[];
  /** The targets that it is about. */
  readonly on: 'hosts' | 'cs6' | 'cs7' | 'directory';
  /** What it settles that later stages rely on, and that no undo may take from under them. */
  readonly settles?: 'unique-id' | 'provisioning' | 'side';
  readonly view: StageView;
  /** Whether users notice its changes. */
  readonly noticed?: true;
  /** What its changes are counted as, besides accounts that change sides. */
  readonly counted: Counted;
}

const settings = { view: { by: 'host' }, counted: { one: 'change', many: 'changes' } } as const;
const restarts = {
  view: { by: 'host' },
  noticed: true,
  counted: { one: 'restart', many: 'restarts' },
} as const;

/** The table; its rows are in order. */
export const stages: readonly StageRow[] = [
  { stage: 'check', on: 'hosts', tier: 0, requires: [], ...settings },
  {
    stage: 'identity',
    on: 'directory',
    settles: 'unique-id',
    tier: 1,
    requires: [],
    view: { by: 'account', heading: 'directory' },
    counted: { one: 'unique id', many: 'unique ids' },
  },
  { stage: 'cs6-config', on: 'cs6', settles: 'provisioning', tier: 2, requires: [], ...settings },
  { stage: 'cs6-activate', on: 'cs6', tier: 2, requires: [], brings: 'cs6-config', ...restarts },
  {
    stage: 'accounts',
    on: 'directory',
    settles: 'side',
    tier: 3,
    requires: ['identity', 'cs6-config', 'cs6-activate'],
    tolerates: ['identity'],
    followedBy: ['cs7-config', 'cs7-activate'],
    view: { by: 'cohort' },
    noticed: true,
    counted: { one: 'other store', many: 'other stores' },
  },
  { stage: 'cs7-config', on: 'cs7', tier: 4, requires: ['identity', 'accounts'], tolerates: ['identity'], ...settings },
  { stage: 'cs7-activate', on: 'cs7', tier: 4, requires: [], brings: 'cs7-config', ...restarts },
  {
    stage: 'cs6-logins',
    on: 'directory',
    tier: 5,
    requires: ['cs6-config', 'cs6-activate', 'accounts', 'cs7-config', 'cs7-activate'],
    tolerates: ['accounts'],
    view: { by: 'account', heading: 'login to CS6, once CS7 answers' },
    noticed: true,
    counted: { one: 'login to CS6', many: 'logins to CS6' },
  },
  {
    stage: 'cs6-calendars',
    on: 'cs6',
    tier: 6,
    requires: ['cs6-config', 'cs6-activate', 'accounts', 'cs7-config', 'cs7-activate', 'cs6-logins'],
    tolerates: ['accounts', 'cs6-logins'],
    view: { by: 'host-account', heading: 'calendars on {host}, deleted once CS7 answers' },
    noticed: true,
    counted: { one: 'deletion', many: 'deletions' },
  },
];

const rows: ReadonlyMap<string, StageRow & { readonly position: number }> = new Map(
  stages.map((row, position) => [row.stage, { ...row, position }]),
);

/** The row of a stage. It is asked for every step and every finding of a plan. */
export function rowOf(stage: Stage): StageRow & { readonly position: number } {
  const row = rows.get(stage);
  if (!row) throw new Error(`no such stage: ${stage}`);
  return row;
}

/** What each tier is called, in their order. */
export const tierTitles: readonly string[] = [
  'Check',
  'Unique ids',
  'CS6 hosts',
  'Accounts change sides',
  'CS7 hosts',
  'Logins to CS6',
  'Calendars on CS6',
];
