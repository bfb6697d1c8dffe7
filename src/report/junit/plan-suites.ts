import { targetId } from '../../core/change.ts';
import type { PlannedState } from '../../core/connection.ts';
import type { IgnoredChange, Plan } from '../../core/plan.ts';
import type { PlanReport } from '../../core/report.ts';
import { changeText, foldPlaced } from '../annotations/plan-remarks.ts';
import { renderValues } from '../change-lines.ts';
import { renderPosition } from '../findings.ts';
import { type PlacedChange, placeChanges } from '../placed-changes.ts';
import { toldFindings } from '../plan-facts.ts';
import { findingCases, toldBeside } from './finding-cases.ts';
import type { Case, Suite } from './suite.ts';

/** A managed thing that is known without a difference: a setting of a host, a cohort of the directory. */
interface Managed {
  readonly kind: string;
  /** The key of the change there would be, and of accounts the cohort. */
  readonly key?: string;
  readonly group?: string;
  readonly name: string;
}

/** Suite by suite the targets of a plan: each managed thing is a case, and one that differs fails. */
export function planSuites(report: PlanReport): readonly Suite[] {
  const { plan } = report;
  const placed = placeChanges(report);
  const findings = toldFindings(report);
  const general = findings.filter(({ target }) => target === undefined);
  const targets = [...new Set(['directory', ...hostNames(plan.desired), ...placed.map(({ target }) => target)])];
  return [
    {
      name: 'estate',
      cases: [{ name: 'the file' }, ...findingCases(general)],
      ...toldBeside(general),
    },
    ...targets.map((target): Suite => {
      const own = findings.filter(finding => finding.target === target);
      return {
        name: target,
        cases: [
          ...managedCases(
            knownOn(target, plan),
            placed.filter(one => one.target === target),
          ),
          ...plan.ignored.filter(one => one.target === target).map(ignoredCase),
          ...findingCases(own, plan.unread.includes(target) ? 'error' : 'failure'),
        ],
        ...toldBeside(own),
      };
    }),
  ];
}

function hostNames({ cs6, cs7 }: PlannedState): readonly string[] {
  return [...cs6, ...cs7].map(({ name }) => name);
}

/** One case for each managed thing, and one for each change of something else. */
function managedCases(managed: readonly Managed[], placed: readonly PlacedChange[]): readonly Case[] {
  const taken = new Set<PlacedChange>();
  const known = managed.flatMap((one): readonly Case[] => {
    const own = placed.filter(change => isOf(change, one));
    for (const change of own) taken.add(change);
    return own.length === 0 ? [{ name: one.name }] : foldPlaced(own, 'each').map(same => changeCase(same, one.name));
  });
  const others = foldPlaced(
    placed.filter(change => !taken.has(change)),
    'each',
  );
  return [...known, ...others.map(same => changeCase(same, `${same[0]?.kind} ${same[0]?.change.key}`))];
}

function isOf({ kind, change }: PlacedChange, managed: Managed): boolean {
  return (
    kind === managed.kind &&
    (managed.key === undefined || change.key === managed.key) &&
    (managed.group === undefined || change.group === managed.group)
  );
}

function changeCase(same: readonly PlacedChange[], name: string): Case {
  const [first] = same;
  const text = changeText(same);
  const places = [first?.change.source, first?.change.live].flatMap(place => (place ? [renderPosition(place)] : []));
  return {
    name,
    outcome: {
      form: 'failure',
      type: `change/${first?.kind}`,
      message: text.split('\n')[0] ?? '',
      text: [text, ...places].join('\n'),
    },
  };
}

function ignoredCase({ change, until, reason, owner }: IgnoredChange): Case {
  const message = `${renderValues(change)}: left alone until ${until}: ${reason} (${owner})`;
  return { name: `${change.item} ${change.key}`, outcome: { form: 'skipped', type: 'ignored', message } };
}

/** What is known to be as it should be unless it is among the changes: nothing where not all was read, or an earlier state is wanted. */
function knownOn(target: string, { desired, direction, unread, only, ignored }: Plan): readonly Managed[] {
  if (unread.includes(target) || direction === 'undo') return [];
  const keys = new Set(ignored.filter(one => one.target === target).map(({ change }) => change.key));
  return managedOn(target, desired).filter(
    ({ kind, key }) =>
      !(key !== undefined && keys.has(key)) &&
      (only === undefined || [target, kind, targetId({ target, kind })].some(name => only.includes(name))),
  );
}

/** What is managed on a target, as the wanted state tells it. */
function managedOn(target: string, { directory, cs6, cs7, cohorts }: PlannedState): readonly Managed[] {
  if (target === 'directory')
    return [
      { kind: 'ldap-unique-id', name: `unique id ${directory.uniqueId.attribute}` },
      ...cohorts.map(({ name }) => ({ kind: 'ldap-cohort', group: name, name: `cohort ${name}` })),
      ...cohorts
        .filter(({ migrated }) => migrated?.denyLogin !== undefined)
        .map(({ name }) => ({ kind: 'ldap-login', group: name, name: `logins of cohort ${name} to CS6` })),
    ];
  return [
    ...cs6
      .filter(({ name }) => name === target)
      .flatMap(({ settings }) => [
        ...settings.map(({ key }) => ({ kind: 'cs6-ics-conf', key, name: key })),
        { kind: 'cs6-service', name: 'runs with its configuration' },
        ...(cohorts.some(({ migrated }) => migrated?.deleteCalendars)
          ? [{ kind: 'cs6-calendar', name: 'calendars of migrated accounts' }]
          : []),
      ]),
    ...cs7
      .filter(({ name }) => name === target)
      .flatMap(({ options, domains }) => [
        ...options.map(({ name }) => ({ kind: 'cs7-davadmin', key: name, name })),
        ...domains.map(({ domain }) => ({ kind: 'cs7-domain-map', key: domain, name: `domain ${domain}` })),
        { kind: 'cs7-service', name: 'runs with its configuration' },
      ]),
  ];
}
