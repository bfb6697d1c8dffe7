import type { Change } from '../core/change.ts';
import { type DesiredCohort, type DesiredState, hostsOf } from '../core/desired.ts';
import { isWholeName, modernName, namingValues, sameName } from '../ldap/distinguished-name.ts';
import { scheduleUrl } from '../products/cs6.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { EstateEdit } from './edit-estate.ts';
import type { EstateFile } from './estate-file.ts';
import { type OwnSetting, type OwnValue, type Side, settingsOfHost } from './own-settings.ts';

/** What differs on a target. */
export interface Difference {
  readonly target: string;
  readonly change: Change;
}

/** The file as it was loaded, and what it asks for. */
export interface AcceptingEstate {
  readonly estate: EstateFile;
  readonly document: EstateDocument;
  readonly state: DesiredState;
}

/** An edit of one of the estate files. */
export interface PlacedEdit {
  readonly file: string;
  readonly edit: EstateEdit;
}

/** Edits after which the file asks for what is live, and the differences that are gone then; or why there are none, and what to do. */
export type Acceptance =
  | {
      readonly edits: readonly PlacedEdit[];
      readonly settled: readonly Difference[];
      readonly memberFiles?: readonly MemberFileEdit[];
    }
  | { readonly refused: string };

/**
 * Accepts the live value of an own setting of a host. Where it stands at the host it is edited there. Where it stands at the
 * side it is edited there if every host that takes it from there has the same new value; otherwise the host gets a key of its
 * own. `every`: all differences that are known.
 */
export function acceptSetting(
  asked: Difference,
  side: Side,
  every: readonly Difference[],
  { estate, document }: AcceptingEstate,
): Acceptance {
  const { target, change } = asked;
  const own = ownOf(estate, side, target, change.key);
  if (!own) return { refused: `${change.key} does not stand in the settings of the file.` };
  const live = liveValue(own.value, change);
  if ('refused' in live) return live;
  const isOfHost = own.path[1] === 'hosts';
  const takers = isOfHost ? [target] : takersOf(estate, side, own);
  const settled = takers.flatMap(host => every.find(one => isSameValue(one, host, asked)) ?? []);
  if (isOfHost || settled.length === takers.length)
    return { edits: [placed(document, own.path, live.value)], settled: isOfHost ? [asked] : settled };
  const path = [side, 'hosts', target, 'settings', own.name];
  return { edits: [placed(document, path, live.value)], settled: [asked] };
}

function ownOf(estate: EstateFile, side: Side, host: string, key: string): OwnSetting | undefined {
  return settingsOfHost(estate, side, host).find(({ name }) => name.toLowerCase() === key.toLowerCase());
}

/** The hosts of a side that take a setting from the side. */
function takersOf(estate: EstateFile, side: Side, own: OwnSetting): readonly string[] {
  return Object.keys(estate[side].hosts).filter(host => ownOf(estate, side, host, own.name)?.path[1] !== 'hosts');
}

function isSameValue(one: Difference, host: string, { change }: Difference): boolean {
  const same = JSON.stringify([one.change.before].flat()) === JSON.stringify([change.before].flat());
  return one.target === host && one.change.key === change.key && same;
}

/** What the file has to say so that it asks for what is live. */
function liveValue(own: OwnValue, { key, before, after }: Change): { value: OwnValue } | { refused: string } {
  if (own !== null && typeof own === 'object') {
    const has = new Set([before ?? []].flat().map(word => word.toLowerCase()));
    const include = own.include.filter(word => has.has(word.toLowerCase()));
    if (include.length > 0) return { value: { include } };
    return {
      refused: `${key} is a list in the file, and live has none of its words. A list cannot be empty there.\nRemove the key from the file: the option is then left alone.`,
    };
  }
  if (typeof before === 'object') return { refused: `${key} has several values.` };
  if (before !== undefined && before === after)
    return {
      refused: `The value of ${key} is what the file says. Only its line on the host is not in the documented form.\nApply the plan: it corrects the line.`,
    };
  return { value: before ?? null };
}

/** An edit in the file that has the nearest part around the path. */
function placed({ at }: EstateDocument, path: DocumentPath, value?: EstateEdit['value']): PlacedEdit {
  return { file: at(path).file, edit: { path, ...(value !== undefined && { value }) } };
}

/**
 * Accepts the live lines of a mail domain in the domain maps. The file has one route for all CS7 hosts, so all must agree, and
 * the URL must be that of a CS6 host of the file. Where no host has a line, the domain is taken out of the file.
 */
export function acceptDomain(
  { change }: Difference,
  every: readonly Difference[],
  { estate, document, state }: AcceptingEstate,
): Acceptance {
  const domain = change.key;
  const about = every.filter(one => one.change.key === domain);
  const hosts = hostsOf(state, 'cs7').map(({ name }) => name);
  const values = new Set(about.map(one => one.change.before));
  if (about.length < hosts.length || values.size > 1)
    return {
      refused: `The file has one line of ${domain} for all CS7 hosts, and the hosts do not have the same.\n${agreementOf(hosts, about)}\nMake them alike, or apply the plan.`,
    };
  if (change.before === undefined) return withoutDomain(domain, about, estate, document);
  const route = hostsOf(state, 'cs6').find(({ http }) => http !== undefined && scheduleUrl({ http }) === change.before);
  if (route) return { edits: [placed(document, ['domains', domain, 'cs6'], route.name)], settled: about };
  return {
    refused: `The map has ${String(change.before)}, and no CS6 host of the file has such an URL.\nDeclare that host with its http, or apply the plan.`,
  };
}

function agreementOf(hosts: readonly string[], about: readonly Difference[]): string {
  const lines = hosts.map(host => {
    const found = about.find(({ target }) => target === host);
    return `${host}: ${found ? String(found.change.before ?? 'no line') : 'as in the file, or not read'}`;
  });
  return lines.join('\n');
}

function withoutDomain(
  domain: string,
  settled: readonly Difference[],
  estate: EstateFile,
  document: EstateDocument,
): Acceptance {
  if (Object.keys(estate.domains).length > 1) return { edits: [placed(document, ['domains', domain])], settled };
  return { refused: `${domain} is the only domain of the file, and an estate needs one.\nApply the plan.` };
}

/** What is added to and taken out of a file of members: lines counted from 1, and DNs. */
export interface MemberFileEdit {
  readonly file: string;
  readonly remove: readonly number[];
  readonly add: readonly string[];
}

/**
 * Accepts the side that an account is on, as a change of the local-user attribute says: it is taken out of the list that has
 * it by name, and for a store of CS7 put into the list of the one cohort that has this store and a list. A cohort that finds
 * its accounts in another way is not edited: nobody can say which other accounts that would take along.
 */
export function acceptMember(asked: Difference, context: AcceptingEstate): Acceptance {
  const { change } = asked;
  const { item: dn, before: store } = change;
  if (typeof store === 'object') return refused(`${dn} has several values of ${change.key}.\nRemove all but one.`);
  const cohort = context.state.cohorts.find(({ name }) => name === change.group);
  if (!cohort) return refused(`The cohort of ${dn} is not known.`);
  if (cohort.share !== undefined) return refused(waved(dn, cohort.name));
  const listed = indexOf(cohort, dn);
  const isListed = listed >= 0;
  if (!isListed && (cohort.store !== undefined || store === undefined)) return refused(unlisted(dn, cohort.name));
  const parts = [
    ...(isListed ? [withoutMember(cohort, listed, context)] : []),
    ...(store === undefined ? [] : [withMember(dn, store, context)]),
  ];
  const wrong = parts.find(part => 'refused' in part);
  if (wrong) return wrong;
  return {
    edits: parts.flatMap(part => ('edits' in part ? part.edits : [])),
    memberFiles: parts.flatMap(part => ('edits' in part ? (part.memberFiles ?? []) : [])),
    settled: [asked],
  };
}

function refused(reason: string): Acceptance {
  return { refused: reason };
}

function waved(dn: string, cohort: string): string {
  return `${dn} is in cohort ${cohort}, whose members move in waves.\nChange the wave, or apply the plan.`;
}

function unlisted(dn: string, cohort: string): string {
  return `${dn} is in cohort ${cohort}, which does not list it by name.\nChange the conditions of the cohort, or apply the plan.`;
}

/** Where the list of a cohort has an account, by its DN or by the uid in it; -1 where it has not. */
function indexOf({ members }: DesiredCohort, dn: string): number {
  if (members === 'rest') return -1;
  const uid = uidOf(dn);
  return (members.list ?? []).findIndex(name =>
    isWholeName(name) ? sameName(name, modernName(dn)) : name.toLowerCase() === uid?.toLowerCase(),
  );
}

/** The uid in the name of an entry. */
function uidOf(dn: string): string | undefined {
  return namingValues(dn).find(({ type }) => type.toLowerCase() === 'uid')?.value;
}

function withoutMember({ name, members }: DesiredCohort, at: number, { document }: AcceptingEstate): Acceptance {
  if (members === 'rest') return refused(`Cohort ${name} has no list.`);
  const { listed, list = [] } = members;
  if (list.length === 1)
    return refused(`It is the last member of cohort ${name}, and a list cannot be empty.\nRemove the cohort by hand.`);
  if (!listed) return { edits: [placed(document, ['cohorts', name, 'members', 'list', at])], settled: [] };
  const line = listed.lines[at];
  if (line === undefined) return refused(`Its line in ${listed.file} is not known.\nRemove it by hand.`);
  return { edits: [], settled: [], memberFiles: [{ file: listed.file, remove: [line], add: [] }] };
}

function withMember(dn: string, store: string, { state, document }: AcceptingEstate): Acceptance {
  const sameStore = (name: string | undefined) => name?.toLowerCase() === store.toLowerCase();
  const cohorts = state.cohorts.filter(({ store: name, members }) => {
    return sameStore(name) && members !== 'rest' && members.list !== undefined;
  });
  const [cohort, ...more] = cohorts;
  if (!cohort || more.length > 0) {
    const known = hostsOf(state, 'cs7').some(({ backends }) => backends.some(sameStore));
    const which = cohort ? `several cohorts have a list: ${cohorts.map(({ name }) => name).join(', ')}` : noList;
    return refused(
      `${dn} is on ${store}${known ? '' : ', which is no back end of the file'}. For that store ${which}.\nPut the account into a cohort by hand, or apply the plan.`,
    );
  }
  const { members, name } = cohort;
  if (members === 'rest' || members.list === undefined) return refused(`Cohort ${name} has no list.`);
  if (members.listed)
    return { edits: [], settled: [], memberFiles: [{ file: members.listed.file, remove: [], add: [dn] }] };
  const uid = uidOf(dn);
  const written = uid === undefined || members.list.every(isWholeName) ? dn : uid;
  return {
    edits: [placed(document, ['cohorts', name, 'members', 'list', members.list.length], written)],
    settled: [],
  };
}

const noList = 'no cohort has a list';

/** The text of a file of members with edits in it: lines are taken out, and names added at the end; or why that is not possible. */
export function editMembers(
  text: string,
  edits: readonly MemberFileEdit[],
  isCsv: boolean,
): { readonly text: string } | { readonly refused: string } {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const gone = new Set(edits.flatMap(({ remove }) => remove));
  const added = edits.flatMap(({ add }) => add);
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  if (isCsv && lines.some((line, at) => gone.has(at + 1) && line.split('"').length % 2 === 0))
    return { refused: 'A record of it goes over several lines.\nEdit it by hand.' };
  const rows = isCsv ? csvRows(added, lines) : added.map(dn => (lines.some(isWholeName) ? dn : (uidOf(dn) ?? dn)));
  if (!rows) return { refused: 'The header of it is not simple.\nEdit it by hand.' };
  const kept = lines.filter((_, at) => !gone.has(at + 1)).join('');
  const open = rows.length > 0 && kept !== '' && !kept.endsWith('\n') ? eol : '';
  return { text: kept + open + rows.map(row => row + eol).join('') };
}

/** Rows with the names in the columns of the header; nothing where that is more than names and commas. */
function csvRows(names: readonly string[], lines: readonly string[]): readonly string[] | undefined {
  if (names.length === 0) return [];
  const header =
    lines
      .find(line => line.trim() !== '')
      ?.replace('\ufeff', '')
      .trim() ?? '';
  if (header.includes('"')) return undefined;
  const columns = header.split(',').map(cell => cell.trim().toLowerCase());
  const hasName = columns.includes('dn');
  return names.map(dn => {
    const uid = uidOf(dn);
    const cells: Readonly<Record<string, string>> = { dn, uid: uid === undefined && !hasName ? dn : (uid ?? '') };
    return columns.map(column => csvCell(cells[column] ?? '')).join(',');
  });
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
