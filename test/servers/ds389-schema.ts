import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The lab's schema in OpenLDAP's form: the one source for both servers. */
export const labSchema = resolve(import.meta.dirname, 'calendar-schema/calendar.schema');

/** Object classes of a site that has other names for them, by the name in the lab's schema. */
export type RenamedClasses = Readonly<Record<string, string>>;

/** A schema in which these classes have other names, whichever form it has. */
export function renameClasses(text: string, renamed: RenamedClasses): string {
  return Object.entries(renamed).reduce((done, [from, to]) => done.replace(`NAME '${from}'`, `NAME '${to}'`), text);
}

/**
 * The lab's schema in the form of a 389 Directory Server, without the definitions that the server brings along in
 * `builtIn`: it does not start when a name is there twice under two numbers.
 */
export function ds389Schema(builtIn: string): string {
  const known = definedNames(builtIn);
  const lines = readFileSync(labSchema, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .filter(line => line !== '' && !known.has(nameOf(line)))
    .map(line => line.replace(/^attributetype /, 'attributeTypes: ').replace(/^objectclass /, 'objectClasses: '));
  return `${['dn: cn=schema', ...lines].join('\n')}\n`;
}

function definedNames(folder: string): ReadonlySet<string> {
  const texts = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8').replace(/\n /g, ''));
  const lists = texts.flatMap(text => [...text.matchAll(/ NAME (?:\(([^)]*)\)|('[^']*'))/g)]);
  const names = lists.flatMap(([, many, one]) => [...(many ?? one ?? '').matchAll(/'([^']*)'/g)]);
  return new Set(names.map(([, name]) => name?.toLowerCase() ?? ''));
}

function nameOf(line: string): string {
  return / NAME '([^']*)'/.exec(line)?.[1]?.toLowerCase() ?? '';
}
