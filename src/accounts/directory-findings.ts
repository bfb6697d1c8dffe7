import { count } from '../core/count.ts';
import type { DesiredDirectory } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { DirectoryReader, PasswordState } from '../ports/directory.ts';

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

/** What the directory's schema lacks for an attribute to be written; checked before anything is. */
export async function schemaFindings(
  directory: DirectoryReader,
  attribute: string,
  objectClass: string,
): Promise<readonly Finding[]> {
  const schema = await directory.schema();
  const known = schema.objectClasses.get(objectClass.toLowerCase());
  const missing = (detail: string): Finding =>
    finding('directory.schema-missing', {
      detail: `${detail}\nEvery write would be refused. Load the schema of Calendar Server 7 (comm_dssetup), or name the right one under directory.`,
      target: 'directory',
    });
  if (!schema.attributes.has(attribute.toLowerCase())) return [missing(`There is no attribute ${attribute}.`)];
  if (!known) return [missing(`There is no object class ${objectClass}.`)];
  const fits = [...known.may, ...known.must].includes(attribute.toLowerCase());
  return fits ? [] : [missing(`Object class ${objectClass} does not allow the attribute ${attribute}.`)];
}
