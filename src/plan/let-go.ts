import type { PlannedState } from '../core/connection.ts';
import type { DesiredCohort } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { printable } from '../core/printable.ts';

/** How many names a finding has. */
const named = 10;

/**
 * What another revision asks for and this one does not: it is left alone from now on, as it is, which no plan shows.
 * One finding for each host, and one for the directory.
 */
export function letGoFindings(base: PlannedState, desired: PlannedState): readonly Finding[] {
  const kept = wishesOf(desired);
  return [...wishesOf(base)].flatMap(([target, names]) => {
    const still = kept.get(target);
    if (!still && target !== 'directory') return [finding(target, `${target} itself`)];
    const gone = [...names].filter(name => !still?.has(name));
    return gone.length === 0 ? [] : [finding(target, someOf(gone))];
  });
}

function finding(target: string, what: string): Finding {
  return {
    severity: 'note',
    code: 'base.let-go',
    summary: 'Something is no longer asked for',
    detail: `${target}: the base asks for ${what}, and this revision does not. What is live stays as it is.\nA key is taken out where the file says that it must not be set: ~ as its value.`,
    target,
  };
}

function someOf(names: readonly string[]): string {
  const shown = printable(names.slice(0, named).join(', '));
  return names.length > named ? `${shown} and ${names.length - named} more` : shown;
}

/** By target the names of what is asked for there. */
function wishesOf({ cs6, cs7, cohorts }: PlannedState): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map([
    ...cs6.map(({ name, settings }) => [name, new Set(settings.map(({ key }) => key))] as const),
    ...cs7.map(({ name, options, domains }) => {
      const wishes = [...options.map(option => option.name), ...domains.map(({ domain }) => `domain ${domain}`)];
      return [name, new Set(wishes)] as const;
    }),
    ['directory', new Set(cohorts.flatMap(ofCohort))] as const,
  ]);
}

function ofCohort({ name, migrated }: DesiredCohort): readonly string[] {
  return [
    ...(migrated?.denyLogin === undefined ? [] : [`denied logins of cohort ${name}`]),
    ...(migrated?.deleteCalendars ? [`deleted calendars of cohort ${name}`] : []),
  ];
}
