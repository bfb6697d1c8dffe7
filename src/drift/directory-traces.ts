import { TargetProblem } from '../core/finding.ts';
import { inFlight } from '../kinds/shared/in-flight.ts';
import { nameKey } from '../ldap/distinguished-name.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import type { Evidence } from './evidence.ts';

/** Questions under way at the same time. */
const underWay = 16;

const stamps = ['modifiersName', 'modifyTimestamp', 'createTimestamp'];

/**
 * Who last changed each entry and when, as far as the directory tells (RFC 4512, 3.4: operational attributes, which have to
 * be asked for). They are about the whole entry: the last change need not be the one that made it deviate.
 */
export async function directoryEvidence(
  names: readonly string[],
  bindDn: string,
  directory: DirectoryReader,
): Promise<ReadonlyMap<string, Evidence>> {
  const found = new Map<string, Evidence>();
  const ask = async (dn: string) => [dn, await entryEvidence(dn, bindDn, directory)] as const;
  for await (const [dn, evidence] of inFlight(names, () => underWay, ask)) found.set(dn, evidence);
  return found;
}

async function entryEvidence(dn: string, bindDn: string, directory: DirectoryReader): Promise<Evidence> {
  const query = { base: dn, scope: 'base', filter: '(objectClass=*)', attributes: stamps } as const;
  try {
    for await (const { attributes } of directory.search(query)) return stampEvidence(attributes, bindDn);
    return { from: 'the entry was not found any more' };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { from: `the entry could not be asked (${problem.finding.code})` };
  }
}

function stampEvidence(attributes: ReadonlyMap<string, readonly string[]>, bindDn: string): Evidence {
  const by = attributes.get('modifiersname')?.[0];
  const stamp = attributes.get('modifytimestamp')?.[0];
  const at = stamp === undefined ? undefined : timeOf(stamp);
  if (by === undefined && at === undefined)
    return { from: 'the directory shows no modifiersName and modifyTimestamp of the entry to this identity' };
  const created = attributes.get('createtimestamp')?.[0];
  const what = created === stamp ? 'the entry was made then' : 'the last change of anything in the entry';
  const own = by !== undefined && nameKey(by) === nameKey(bindDn) ? '; that is the bindDn of the estate file' : '';
  const missing = by === undefined ? '; by whom is not shown' : at === undefined ? '; when is not shown' : '';
  return { ...(by !== undefined && { by }), ...(at !== undefined && { at }), from: `${what}${own}${missing}` };
}

/** GeneralizedTime (RFC 4517, 3.3.13) -> ISO 8601; nothing where it is none, or without seconds. */
function timeOf(stamp: string): string | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?(?:Z|([+-]\d\d)(\d\d)?)$/.exec(stamp);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, zone, zoneMinutes] = match;
  const offset = zone === undefined ? 'Z' : `${zone}:${zoneMinutes ?? '00'}`;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
