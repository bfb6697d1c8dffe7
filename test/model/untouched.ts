import type { HostData } from './host-data.ts';
import type { ModelEntry } from './model-directory.ts';
import { isAccount } from './oracle.ts';
import type { WorldData } from './world.ts';

/** Keys that files of the model may state. */
const managedKeys: readonly string[] = [
  ...['service.http.caldavcompatible', 'service.wcap.freebusy.redirecturl', 'local.autoprovision'],
  ...['user.invite.autoprovision', 'group.invite.autoprovision', 'resource.invite.autoprovision'],
  ...['service.http.idletimeout', 'local.rfc822header.allow8bit'],
  ...['davcore.scheduling.localuserattr', 'davcore.uriinfo.subjectattributes', 'base.ldapinfo.cachettl'],
  ...['example.com', 'staff.example.com'],
];

const managedAttributes: readonly string[] = ['davstore', 'davuniqueid', 'icsallowedserviceaccess', 'objectclass'];

/** All that no estate file of the model speaks of, as text: it stays as it is, whatever programs do. */
export function undeclared({
  hosts,
  directory,
}: Pick<WorldData, 'hosts' | 'directory'>): Readonly<Record<string, string>> {
  return Object.fromEntries([...hosts.flatMap(ofHost), ...directory.entries.map(ofEntry)]);
}

function ofHost({ name, files }: HostData): readonly (readonly [string, string])[] {
  return Object.entries(files).flatMap(([path, { text }]) => {
    if (/\.reconcile-\d+$/.test(path) || path.endsWith('/pid')) return [];
    const lines = text.split(/\r?\n/).filter(line => line.trim() !== '' && !line.startsWith('! Set by reconcile'));
    const kept = lines.filter(line => !managedKeys.includes(keyOf(line)));
    return kept.length === 0 ? [] : [[`${name}:${path}`, kept.join('\n')] as const];
  });
}

/** The key of a line, also of one that was made a comment. */
function keyOf(line: string): string {
  return (line.split('=')[0] ?? '').trim().replace(/^!/, '').toLowerCase();
}

function ofEntry(entry: ModelEntry): readonly [string, string] {
  const { dn, attributes } = entry;
  const kept = Object.entries(attributes).filter(([name]) => !isAccount(entry) || !managedAttributes.includes(name));
  const classes = (attributes['objectclass'] ?? []).filter(value => value.toLowerCase() !== 'daventity');
  return [dn, JSON.stringify([kept.toSorted(), isAccount(entry) ? classes : []])];
}

/** What of it differs. */
export function touched(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter(name => before[name] !== after[name])
    .map(name => `${name}\nwas\n${before[name]}\nis\n${after[name]}`);
}

/** All that is managed, in a form in which two moments compare: files byte for byte, attributes as sets. */
export function managedState({ hosts, directory }: Pick<WorldData, 'hosts' | 'directory'>): readonly string[] {
  return [
    ...hosts.flatMap(({ name, files }) =>
      Object.entries(files).flatMap(([path, { text }]) => {
        if (/\.reconcile-\d+$/.test(path) || path.endsWith('/pid')) return [];
        // davadmin writes this one, and puts a new option at its end.
        if (path.endsWith('davserver.properties')) return [`${name}:${path} ${text.split('\n').toSorted().join('\n')}`];
        return [`${name}:${path} ${text}`];
      }),
    ),
    ...directory.entries.map(({ dn, attributes }) => {
      const sets = Object.entries(attributes).filter(([, values]) => values.length > 0);
      return `${dn} ${JSON.stringify(sets.map(([name, values]) => [name, values.map(v => v.toLowerCase()).toSorted()]).toSorted())}`;
    }),
  ];
}
