import type { Change, Value } from '../../core/change.ts';
import { replaceChanges } from '../../core/change-list.ts';
import type { PlannedHost, PlannedState } from '../../core/connection.ts';
import type { Finding, Provenance, SourcePosition } from '../../core/finding.ts';
import { nextCommands } from '../../core/next-command.ts';
import type { Plan, Step } from '../../core/plan.ts';
import type { AuditReport, FailedReport, PlanReport, Trace } from '../../core/report.ts';
import { rowOf } from '../../core/stages.ts';
import { count } from '../../core/units.ts';
import type { VerifyReport } from '../../core/verification.ts';

/*
 * Reports without the names of accounts, for pages that anybody may see. They are built anew, field by field: what is not
 * named here is not in them. Free text is never taken over, because any of it may have a name in it.
 */

/** What stands in the place of the entry of an account. */
export const unnamed = '';

/** A report of a plan without names: of accounts only their number is left, of values those that the file has or that name nothing. */
export function planWithoutNames(report: PlanReport): PlanReport {
  const { exitCode, plan, refusals } = report;
  const known = new Map(plan.findings.map(one => [one, findingWithoutNames(one)]));
  const about = {
    exitCode,
    plan: { ...barePlan(plan), findings: [...known.values()] },
    // One of the plan's own is the same object: it is drawn once.
    refusals: refusals.map(one => known.get(one) ?? findingWithoutNames(one)),
    ...provenance(report),
  };
  switch (report.command) {
    case 'apply':
    case 'undo':
      return { command: report.command, ...about };
    default: {
      const { command, origins, traces } = report;
      const bare = traces && { traces: traces.flatMap(trace => bareTrace(trace, plan)) };
      return { command, ...about, ...(origins && { origins }), ...bare };
    }
  }
}

function barePlan(plan: Plan): Plan {
  const { desired } = plan;
  const values = new ShownValues(desired);
  const { formatVersion, tool, direction, undoes, leftOut, at, readAt, expiresAt, desiredSha256, digest } = plan;
  const { hosts, accounts, unread, nothingRead, away, waiting, only, except } = plan;
  return {
    ...{ formatVersion, tool, direction, readAt, expiresAt, desiredSha256, digest, hosts, accounts, unread },
    ...(undoes !== undefined && { undoes }),
    ...(leftOut && { leftOut }),
    ...(at !== undefined && { at }),
    ...(nothingRead && { nothingRead }),
    ...(away && { away }),
    ...(waiting !== undefined && { waiting }),
    ...(only && { only }),
    ...(except && { except }),
    desired: bareState(desired, values),
    steps: plan.steps.map(step => bareStep(step, values)),
    findings: [],
    ignored: plan.ignored.map(({ target, change, until }) => {
      const of = target === 'directory' ? 'account' : 'host';
      return { target, until, change: bareChange(change, of, values), reason: leftOutText, owner: leftOutText };
    }),
  };
}

const leftOutText = '(not shown)';

function bareStep(step: Step, values: ShownValues): Step {
  const { id, kind, target, stage, after } = step;
  const of = isOfAccounts(step) ? 'account' : 'host';
  return {
    id,
    kind,
    target,
    stage,
    after,
    changes: replaceChanges(step.changes, change => bareChange(change, of, values)),
  };
}

function isOfAccounts({ stage }: Pick<Step, 'stage'>): boolean {
  return rowOf(stage).view.by !== 'host';
}

function bareChange(change: Change, of: 'account' | 'host', values: ShownValues): Change {
  const { action, item, key, before, after, group, moves, irreversible, source, live } = change;
  return {
    action,
    item: of === 'account' ? unnamed : fileName(item),
    key: plainWord(key),
    ...values.pair({ ...(before !== undefined && { before }), ...(after !== undefined && { after }) }, of),
    ...(group !== undefined && { group }),
    ...(moves && { moves }),
    ...(irreversible !== undefined && { irreversible: 'what is deleted cannot be brought back' }),
    ...(source && { source: barePlace(source) }),
    ...(live && of === 'host' && { live: barePlace(live) }),
  };
}

/** When it was changed is left of a trace of a host; of an account nothing, because many have the same place now. */
function bareTrace({ step, item, key, at }: Trace, { steps }: Plan): readonly Trace[] {
  const own = steps.find(({ id }) => id === step);
  if (!own || isOfAccounts(own) || at === undefined) return [];
  return [{ step, item: fileName(item), key: plainWord(key), at, from: 'by the clock of the host' }];
}

/** A file without the folders above it, which may be those of a person. */
function barePlace({ file, line }: SourcePosition): SourcePosition {
  return { file: fileName(file), line };
}

function fileName(path: string): string {
  return plainWord(path.split('/').at(-1) ?? '');
}

/** A word that is no DN and no mail address, and no text that may have one in it. */
function plainWord(text: string): string {
  return /[\s=@,"']/.test(text) ? leftOutText : text;
}

/** Which values can be shown: what the file asks for, and what names nothing: yes and no, numbers, addresses of servers. */
class ShownValues {
  readonly #stores: ReadonlySet<string>;
  readonly #words: ReadonlySet<string>;

  constructor({ hosts, cohorts }: PlannedState) {
    this.#stores = new Set([
      ...cohorts.flatMap(({ store, migrated }) => [store ?? [], migrated?.denyLogin ?? []].flat()),
      ...hosts.flatMap(storesOf),
    ]);
    this.#words = new Set(hosts.flatMap(declaredWords));
  }

  /** Both values of a change. What is the same stays the same, and what differs stays different, also where it is not shown. */
  pair({ before, after }: Pick<Change, 'before' | 'after'>, of: 'account' | 'host'): Pick<Change, 'before' | 'after'> {
    const [had, has] = [before, after].map(value => (Array.isArray(value) ? value : []));
    const one = (value: Value | undefined, side: 'before' | 'after'): Value | undefined => {
      if (value === undefined || typeof value === 'string') return value && this.#text(value, side, of);
      const other = new Set(side === 'before' ? has : had);
      const kept = value.filter(word => other.has(word));
      const own = value.filter(word => !other.has(word));
      return [...this.#list(kept, 'both', of), ...this.#list(own, side, of)];
    };
    const shown = { before: one(before, 'before'), after: one(after, 'after') };
    return {
      ...(shown.before !== undefined && { before: shown.before }),
      ...(shown.after !== undefined && { after: shown.after }),
    };
  }

  /** A value that the file asks for. */
  wanted(value: string): string {
    return this.#text(value, 'after', 'host');
  }

  #text(value: string, side: 'before' | 'after', of: 'account' | 'host'): string {
    return this.#isShown(value, of) ? bareUrl(value) : otherValue[side];
  }

  #list(words: readonly string[], of: keyof typeof otherWords, where: 'account' | 'host'): readonly string[] {
    const shown = words.filter(word => this.#isShown(word, where)).map(bareUrl);
    const more = words.length - shown.length;
    return more === 0 ? shown : [...shown, otherWords[of](more)];
  }

  #isShown(text: string, of: 'account' | 'host'): boolean {
    if (of === 'account') return this.#stores.has(text) && plainWord(text) === text;
    return isPlainValue(text) || (this.#words.has(text) && plainWord(text) === text);
  }
}

const otherValue = { before: '(not shown)', after: '(not shown, another one)' } as const;

const otherWords = {
  both: (n: number) => `(${n} not shown)`,
  before: (n: number) => `(${n} more not shown)`,
  after: (n: number) => `(${n} other not shown)`,
} as const;

function isPlainValue(text: string): boolean {
  return (
    /^(?:yes|no|true|false|on|off|stopped|)$/i.test(text) ||
    /^\d{1,9}(?:ms|s|m|h|d|kb?|mb?|gb?)?$/i.test(text) ||
    addressOf(text) !== undefined
  );
}

/** The scheme, the host and the port of an address over HTTP, and the rest; nothing where it has a login, a query or a fragment. */
function addressOf(text: string): { readonly origin: string; readonly path: string } | undefined {
  const [, origin, path = ''] = /^(https?:\/\/[A-Za-z0-9.:[\]-]+)(\/[^\s?#@=]*)?$/.exec(text) ?? [];
  return origin === undefined ? undefined : { origin, path };
}

/** The paths that the two servers answer at; another one could have a name in it. */
const knownPaths = new Set(['', '/', '/ischedule/', '/ischedule', '/davserver/wcap/get_freebusy.wcap']);

function bareUrl(text: string): string {
  const address = addressOf(text);
  return !address || knownPaths.has(address.path) ? text : `${address.origin}/…`;
}

function storesOf(host: PlannedHost): readonly string[] {
  return host.product === 'cs7' ? host.backends : [];
}

function declaredWords(host: PlannedHost): readonly string[] {
  if (host.product === 'cs6') return host.settings.flatMap(({ value }) => value ?? []);
  return [
    ...host.options.flatMap(({ value }) => (typeof value === 'object' ? (value?.include ?? []) : value)),
    ...host.domains.map(({ url }) => url),
  ];
}

/** What of the wanted state a page draws. */
function bareState(state: PlannedState, values: ShownValues): PlannedState {
  const { name, directory, roll, limits, policy, verify } = state;
  const { uniqueId, localUser } = directory;
  return {
    ...{ name, roll, ignore: [] },
    limits: { ...limits, source: barePlace(limits.source) },
    policy: { planExpiry: policy.planExpiry, source: barePlace(policy.source) },
    ...(verify && { verify: { probes: [], ...(verify.gates && { gates: verify.gates }) } }),
    directory: {
      url: directoryAddress(directory.url),
      base: '',
      uniqueId: { ...uniqueId, copyFrom: '' },
      localUser,
      source: barePlace(directory.source),
    },
    hosts: state.hosts.map(host => bareHost(host, values)),
    cohorts: state.cohorts.map(({ name: cohort, store, share, limit, source }) => ({
      ...{ name: cohort, members: 'rest', source: barePlace(source) },
      ...(store !== undefined && { store }),
      ...(share !== undefined && { share }),
      ...(limit && { limit }),
    })),
  };
}

function directoryAddress(url: string): string {
  return /^ldap[is]?:\/\/[A-Za-z0-9.:[\]-]*/.exec(url)?.[0] ?? '';
}

function bareHost(host: PlannedHost, values: ShownValues): PlannedHost {
  const { name, softwareTimeout } = host;
  const any = {
    ...{ name, softwareTimeout, access: { address: '' }, source: barePlace(host.source) },
    ...(host.http !== undefined && { http: bareUrl(host.http) }),
  };
  if (host.product === 'cs6') {
    const settings = host.settings.map(({ key, value, source }) => ({
      ...{
        key: plainWord(key),
        value: value === null ? null : values.wanted(value),
        because: '',
        source: barePlace(source),
      },
    }));
    return { ...any, product: 'cs6', platform: host.platform, settings, minimumPatch: host.minimumPatch };
  }
  const domains = host.domains.map(({ domain, url, source }) => ({
    ...{ domain: plainWord(domain), url: values.wanted(url), because: '', source: barePlace(source) },
  }));
  return { ...any, product: 'cs7', backends: [], options: [], uniqueIdAttribute: host.uniqueIdAttribute, domains };
}

/** A finding as its code says it; what it found is only counted. */
export function findingWithoutNames(finding: Finding): Finding {
  const { severity, code, summary, where, about, more, target, unread, open } = finding;
  return {
    ...{ severity, code, summary },
    detail: about ? `Found ${count(about.count, 'time')}.` : '',
    ...(where && { where: barePlace(where) }),
    ...(more !== undefined && { more }),
    ...(target !== undefined && { target }),
    ...(unread && { unread }),
    ...(open && { open }),
    next: [{ ...nextCommands.explain(), words: [code] }],
  };
}

/** A report of a command that failed, without names. */
export function failedWithoutNames(report: FailedReport): FailedReport {
  const { command, of, exitCode, estate, files, findings } = report;
  return {
    ...{ command, of, exitCode, files: files.map(fileName), findings: findings.map(findingWithoutNames) },
    ...(estate !== undefined && { estate }),
    ...provenance(report),
  };
}

/** An audit without names: every number, and no example. */
export function auditWithoutNames(report: AuditReport): AuditReport {
  const { command, exitCode, estate, readAt, hosts, unread, accounts, stores } = report;
  return {
    ...{ command, exitCode, estate, files: report.files.map(fileName), readAt, hosts, unread, stores },
    ...(accounts && { accounts }),
    ...provenance(report),
    classes: report.classes.map(({ name, of, count, means, remedy }) => ({
      ...{ name, of, count, means, remedy, examples: [] },
    })),
    findings: report.findings.map(findingWithoutNames),
  };
}

/** A verification without names: accounts are numbered, and what was answered is left out. */
export function verifyWithoutNames(report: VerifyReport): VerifyReport {
  const { command, exitCode, estate, files = [], askedAt, unread } = report;
  const mails = [...new Set([...report.probes.map(({ mail }) => mail), ...report.cells.map(({ account }) => account)])];
  const numbered = (mail: string) => `account ${mails.indexOf(mail) + 1}`;
  const bareCauses = (causes: VerifyReport['cells'][number]['causes']) =>
    causes.map(({ target, key, source }) => ({
      ...{ target, key: plainWord(key), why: '' },
      ...(source && { source: barePlace(source) }),
    }));
  return {
    ...{ command, exitCode, estate, files: files.map(fileName), askedAt, unread },
    ...provenance(report),
    probes: report.probes.map(({ side, mail }) => ({ side, mail: numbered(mail), dn: unnamed, chosen: '' })),
    cells: report.cells.map(({ from, to, host, way, account, state, problem, causes }) => ({
      ...{ from, to, host, way, account: numbered(account), state, detail: '', hops: [], causes: bareCauses(causes) },
      ...(problem && { problem }),
    })),
    mail: report.mail.map(({ host, what, state, causes }) => ({
      ...{ host, what: mailCheck(what), state, detail: '', causes: bareCauses(causes) },
    })),
    findings: report.findings.map(findingWithoutNames),
  };
}

/** A setting or a server stays; an account does not. */
function mailCheck(what: string): string {
  return /^(?:EHLO to [A-Za-z0-9.:[\]-]+|notification\.[a-z.]+|autoprovisioning)$/.test(what) ? what : 'an account';
}

/** Who ran the command is no account, and stays. */
function provenance({ actor, commit, clean, job }: Provenance): Provenance {
  return {
    ...(actor !== undefined && { actor }),
    ...(commit && { commit }),
    ...(clean !== undefined && { clean }),
    ...(job !== undefined && { job }),
  };
}
