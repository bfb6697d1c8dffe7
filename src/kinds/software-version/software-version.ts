import { type DesiredCs6Host, type DesiredCs7Host, hostsOf } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import type { CommandResult } from '../../ports/host.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { cs6Patch } from '../../products/cs6.ts';
import { cs7Version, davadmin } from '../../products/cs7.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { excerpt, unexpected } from '../shared/service.ts';

type DesiredSoftware =
  | { readonly side: 'cs6'; readonly host: DesiredCs6Host }
  | { readonly side: 'cs7'; readonly host: DesiredCs7Host };

/** What is installed: the patch's revision for CS6, the version's numbers for CS7; nothing where it cannot be told. */
interface LiveSoftware {
  readonly revision?: number;
  readonly version?: readonly number[];
  /** What was asked, and what it printed. */
  readonly evidence: string;
}

/** Software levels that coexistence needs: findings, never a change (chapter 10, "Minimum Software Requirements"). */
export const softwareVersion: ResourceKind<DesiredSoftware, LiveSoftware> = {
  name: 'software-version',
  title: 'Software is too old for coexistence',
  stage: 'check',
  wishes: state => [
    ...hostsOf(state, 'cs6').map(host => ({ target: host.name, desired: { side: 'cs6', host } as const })),
    ...hostsOf(state, 'cs7').map(host => ({ target: host.name, desired: { side: 'cs7', host } as const })),
  ],
  declares: () => [],
  async *read(desired, ports) {
    yield desired.side === 'cs6' ? await readPatch(desired.host, ports) : await readVersion(desired.host, ports);
  },
  item: () => 'software',
  diff: () => [],
  check: (desired, live) =>
    desired.side === 'cs6' ? patchFindings(desired.host, live) : versionFindings(desired.host, live),
  // biome-ignore lint/correctness/useYield: software is found, never installed, so there is no change to carry out
  async *apply() {
    throw new Error('software-version has no changes');
  },
};

/** Solaris lists its patches; a Red Hat patch is a set of packages without its number. */
async function readPatch(host: DesiredCs6Host, ports: ReadPorts): Promise<LiveSoftware> {
  const reader = ports.host(host.name);
  if (host.platform === 'redhat') {
    const query = `rpm -q ${cs6Patch.package}`;
    const result = await reader.query({ words: query.split(' ') });
    if (result.state === 'absent') throw unexpected(host.name, query, result);
    return { evidence: `${query} printed:\n${excerpt(result.output)}` };
  }
  const listings = await Promise.all(cs6Patch.listings.map(command => reader.query(command)));
  const listing = listings.find(ranWell);
  if (!listing)
    throw unexpected(
      host.name,
      cs6Patch.listings.map(({ words }) => words.join(' ')).join(', and '),
      listings.find(l => l.state === 'ran') ?? { state: 'absent' },
    );
  const number = cs6Patch.number[host.platform];
  const installed = [...listing.output.matchAll(cs6Patch.line)].filter(m => m[1] === number).map(m => Number(m[2]));
  const evidence = `${installed.length} revisions of patch ${number} in the patch listing`;
  return { ...(installed.length > 0 && { revision: Math.max(...installed) }), evidence };
}

function ranWell(result: CommandResult): result is CommandResult & { readonly state: 'ran' } {
  return result.state === 'ran' && result.code === 0;
}

function patchFindings(host: DesiredCs6Host, live: LiveSoftware): readonly Finding[] {
  const number = cs6Patch.number[host.platform];
  const revision = live.revision ?? host.patch;
  const where = host.source;
  if (revision === undefined) {
    const severity = host.platform === 'redhat' ? 'warning' : 'error';
    const detail = `${host.name}: ${live.evidence}\nThe patch level of Calendar Server 6.3 could not be told. State it in cs6.hosts.${host.name}.patch once you have checked it.`;
    return [finding('software.patch-unknown', { severity, detail, where })];
  }
  if (revision >= host.minimumPatch) return [];
  const detail =
    `${host.name} has ${number}-${revision}, and cs6.minimumPatch is ${host.minimumPatch}.\n` +
    'The vendor\'s chapter names 37 in its steps and 44 under "Minimum Software Requirements"; 44 is the safer of the two.\n' +
    `Install a later revision of ${number}, or set cs6.minimumPatch.`;
  return [finding('software.patch-too-low', { detail, where })];
}

async function readVersion(host: DesiredCs7Host, ports: ReadPorts): Promise<LiveSoftware> {
  const result = await ports.host(host.name).query(davadmin(host, 'version'));
  if (result.state === 'absent' || result.code !== 0) throw unexpected(host.name, 'davadmin version', result);
  const version = cs7Version.form.exec(result.output);
  return {
    ...(version && { version: [Number(version[1]), Number(version[2])] }),
    evidence: `davadmin version printed:\n${excerpt(result.output)}`,
  };
}

function versionFindings(host: DesiredCs7Host, live: LiveSoftware): readonly Finding[] {
  const where = host.source;
  if (!live.version) {
    const detail = `${host.name}: ${live.evidence}\nNo version could be made out. Check by hand that it is ${cs7Version.minimum.inWords} or later.`;
    return [finding('software.version-unknown', { detail, where })];
  }
  const [major = 0, update = 0] = live.version;
  if (major > 7 || update >= cs7Version.minimum.update) return [];
  const detail = `${host.name}: ${live.evidence}\nCoexistence needs ${cs7Version.minimum.inWords} or later. Update it first.`;
  return [finding('software.version-too-low', { detail, where })];
}
