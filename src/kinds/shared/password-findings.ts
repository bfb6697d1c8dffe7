import { count } from '../../core/count.ts';
import type { DesiredDirectory } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import type { DirectoryReader, PasswordState } from '../../ports/directory.ts';

/** What the directory says about the password for it: from the day it announces an end, until nothing can be read any more. */
export async function passwordFindings(
  { bindDn }: Pick<DesiredDirectory, 'bindDn'>,
  reader: DirectoryReader,
): Promise<readonly Finding[]> {
  const lines = linesOf(await reader.password());
  if (lines.length === 0) return [];
  return [
    finding('directory.password-expiring', {
      detail: [
        `The password of ${bindDn}:`,
        ...lines,
        'Set a new one before that, or nothing can be read or written.',
      ].join('\n'),
      target: 'directory',
    }),
  ];
}

function linesOf({ expiresAt, expired, graceLogins, mustChange }: PasswordState): readonly string[] {
  return [
    ...(mustChange ? ['An administrator has set it, and it has to be changed.'] : []),
    ...(expiresAt === undefined ? [] : [`It expires at ${minuteOf(expiresAt)}.`]),
    ...(expired ? ['It has expired, and is still accepted.'] : []),
    ...(graceLogins === undefined
      ? []
      : [`It will be accepted for ${count(graceLogins, 'more login', 'more logins')}.`]),
  ];
}

/** To the minute: the server counts in whole seconds from when it was asked. */
function minuteOf(time: number): string {
  return `${new Date(Math.round(time / 60_000) * 60_000).toISOString().slice(0, 16)}Z`;
}
