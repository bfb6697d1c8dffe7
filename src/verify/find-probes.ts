import { accountSearches, entriesOf, entryQuery, restrict } from '../accounts/account-searches.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding, SourcePosition } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { Side, VerifiedProbe } from '../core/verification.ts';
import { finding } from '../findings/catalogue.ts';
import { nameKey } from '../ldap/distinguished-name.ts';
import { equals } from '../ldap/filter.ts';
import type { DirectoryEntry, DirectoryReader } from '../ports/directory.ts';
import { type AskOwner, type CohortOf, chooseProbes, cohortFinder } from './choose-probes.ts';
import { type Probe, probeAttributes, probeOf } from './probe.ts';

/** Whom to ask about, where somebody has said so. */
export interface ProbeWishes {
  readonly accounts?: readonly Pick<VerifiedProbe, 'side' | 'mail' | 'dn'>[];
  readonly mails?: readonly string[];
}

/** The accounts to ask about, and what is wrong with those that were named. */
export interface FoundProbes {
  readonly probes: readonly Probe[];
  readonly findings: readonly Finding[];
}

/** Those of the caller, else of the command line, else of the file; for a side without any a few of each cohort. */
export async function findProbes(
  state: DesiredState,
  { accounts, mails }: ProbeWishes,
  reader: DirectoryReader,
  askOwner: AskOwner,
): Promise<FoundProbes> {
  const cohortOf = cohortFinder(state, reader);
  if (accounts) return handedIn(state, accounts, reader, cohortOf);
  if (mails && mails.length > 0)
    return named(
      state,
      mails.map(mail => ({ mail, chosen: 'asked for by --probe' })),
      reader,
      cohortOf,
    );
  const inFile = state.verify?.probes ?? [];
  const open = (['cs6', 'cs7'] as const).filter(side => !inFile.some(probe => probe.side === side));
  const [fromFile, chosen] = await Promise.all([
    named(
      state,
      inFile.map(probe => ({ ...probe, chosen: 'named in the file' })),
      reader,
      cohortOf,
    ),
    chooseProbes(state, open, reader, cohortOf, askOwner),
  ]);
  const probes = [...fromFile.probes, ...chosen];
  const missing = open.filter(side => !chosen.some(probe => probe.side === side)).map(side => nobodyToAsk(side, state));
  return { probes, findings: [...fromFile.findings, ...missing] };
}

async function handedIn(
  state: DesiredState,
  accounts: readonly Pick<VerifiedProbe, 'side' | 'mail' | 'dn'>[],
  reader: DirectoryReader,
  cohortOf: CohortOf,
): Promise<FoundProbes> {
  const read = accounts.map(async ({ side, mail, dn }): Promise<FoundProbes> => {
    const [entry] = await entriesOf(entryQuery(dn, probeAttributes(state)), reader);
    if (!entry) return unusable(mail, `${dn} no longer exists`);
    return {
      probes: [await complete(state, entry, { side, mail, chosen: 'of these accounts' }, cohortOf)],
      findings: [],
    };
  });
  return joined(await Promise.all(read));
}

interface NamedProbe {
  readonly mail: string;
  readonly side?: Side;
  readonly chosen: string;
  readonly source?: SourcePosition;
}

async function named(
  state: DesiredState,
  names: readonly NamedProbe[],
  reader: DirectoryReader,
  cohortOf: CohortOf,
): Promise<FoundProbes> {
  return joined(await Promise.all(names.map(one => lookUp(state, one, reader, cohortOf))));
}

async function lookUp(
  state: DesiredState,
  probe: NamedProbe,
  reader: DirectoryReader,
  cohortOf: CohortOf,
): Promise<FoundProbes> {
  const { mail, source } = probe;
  const queries = accountSearches(state.directory).map(search => restrict(search, equals('mail', mail)));
  const read = queries.map(query => entriesOf({ ...query, attributes: probeAttributes(state) }, reader));
  const entries = new Map((await Promise.all(read)).flat().map(entry => [nameKey(entry.dn), entry]));
  const [entry, another] = entries.values();
  if (!entry) return unusable(mail, 'No account has this mail address', source);
  if (another) return unusable(mail, `${entry.dn} and ${another.dn} both have this mail address`, source);
  return { probes: [await complete(state, entry, probe, cohortOf)], findings: [] };
}

async function complete(
  state: DesiredState,
  entry: DirectoryEntry,
  { mail, side, chosen }: NamedProbe,
  cohortOf: CohortOf,
): Promise<Probe> {
  const cohort = await cohortOf(entry);
  return probeOf(state, entry, { mail, chosen, ...(side && { side }), ...(cohort && { cohort }) });
}

function joined(parts: readonly FoundProbes[]): FoundProbes {
  return { probes: parts.flatMap(one => one.probes), findings: parts.flatMap(one => one.findings) };
}

function unusable(mail: string, reason: string, where?: SourcePosition): FoundProbes {
  const found = finding('verify.probe-unusable', {
    detail: `${printable(mail)}: ${printable(reason)}.\nIt was not looked up. Name another account, or fix its entry.`,
    target: 'directory',
    where,
  });
  return { probes: [], findings: [found] };
}

function nobodyToAsk(side: Side, { directory, cohorts }: DesiredState): Finding {
  const { attribute } = directory.localUser;
  const there = side === 'cs7' ? `has ${attribute}` : `has no ${attribute}`;
  const cohort = cohorts.find(({ store }) => (store === undefined) === (side === 'cs6'));
  return finding('verify.nobody-to-ask', {
    detail: `No user of a cohort of ${side.toUpperCase()} that has a mail address ${there}, so ${side.toUpperCase()} was not checked.\nAfter an apply, accounts can be found. Or name accounts in verify.probes.${side}.`,
    target: 'directory',
    where: cohort?.source,
  });
}
