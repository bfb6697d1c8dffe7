import type { PlannedState } from '../core/connection.ts';
import type { DesiredCohort } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { printable } from '../core/printable.ts';

/** How many names a finding has. */
const named = 10;

/**
 * What an earlier wanted state asks for and this one does not: hosts and settings are left alone from now on, as they are, which
 * no plan shows; accounts of a cohort belong to those that are left. One finding for each host, one for the settings of the
 * directory, and one for each cohort.
 */
export function letGoFindings(earlier: PlannedState, desired: PlannedState, name = 'the base'): readonly Finding[] {
  const kept = wishesOf(desired);
  const cohorts = earlier.cohorts.filter(one => !desired.cohorts.some(other => other.name === one.name));
  return [
    ...[...wishesOf(earlier)].flatMap(([target, names]) => {
      const still = kept.get(target);
      if (!still && target !== 'directory') return [hostGone(target, name)];
      const gone = [...names].filter(one => !still?.has(one));
      return gone.length === 0 ? [] : [settingsGone(target, someOf(gone), name)];
    }),
    ...cohorts.map(cohort => cohortGone(cohort.name, name)),
  ];
}

function letGo(target: string, detail: string): Finding {
  const summary = 'Something is no longer asked for';
  return { severity: 'note', code: 'base.let-go', summary, detail: printable(detail), target };
}

function hostGone(target: string, name: string): Finding {
  return letGo(
    target,
    `${target}: ${name} asks for ${target} itself, and this file does not. The host is not read any more, and stays as it is.\nWhile it still runs, make sure that it does not create calendars for accounts that move.`,
  );
}

function settingsGone(target: string, what: string, name: string): Finding {
  return letGo(
    target,
    `${target}: ${name} asks for ${what}, and this file does not. What is live stays as it is.\nA key is taken out where the file says that it must not be set: ~ as its value.`,
  );
}

function cohortGone(cohort: string, name: string): Finding {
  return letGo(
    'directory',
    `cohort ${cohort}: ${name} asks for it, and this file does not. Its accounts belong to the cohorts that are left, and move where these are.`,
  );
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
