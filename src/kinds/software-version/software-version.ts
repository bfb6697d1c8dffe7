import { type DesiredCs6Host, type DesiredCs7Host, type Host, hostsOf } from '../../core/desired.ts';
import type { Finding, SourcePosition } from '../../core/finding.ts';
import { stated } from '../../core/next-command.ts';
import { count } from '../../core/units.ts';
import { finding } from '../../findings/catalogue.ts';
import type { Command } from '../../ports/host.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { cs6Patch } from '../../products/cs6.ts';
import {
  type Cs7Release,
  cs7FilePlaces,
  cs7Minimum,
  davadmin,
  davadminWithoutUser,
  readRelease,
} from '../../products/cs7.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { cameBack } from '../shared/service.ts';

type DesiredSoftware =
  | { readonly side: 'cs6'; readonly host: DesiredCs6Host }
  | { readonly side: 'cs7'; readonly host: DesiredCs7Host };

/** The level of what is installed, as far as it is known. */
interface LiveSoftware {
  /** The revision of the patch of CS6. */
  readonly patch?: number;
  readonly release?: Cs7Release;
  /** The estate file states it, and no command was asked. */
  readonly stated?: true;
  /** What was asked, and what came back; empty where nothing was asked. */
  readonly evidence: string;
  /** None of the commands is there. */
  readonly mute?: true;
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

async function readPatch(host: DesiredCs6Host, ports: ReadPorts): Promise<LiveSoftware> {
  if (host.patch !== undefined) return { patch: host.patch, stated: true, evidence: '' };
  return host.platform === 'redhat' ? readPackages(host, ports) : readListings(host, ports);
}

/** Shows at most that the server is installed. */
async function readPackages(host: DesiredCs6Host, ports: ReadPorts): Promise<LiveSoftware> {
  const { evidence } = await ask(host, cs6Patch.packages, ports);
  return {
    evidence: `${evidence}\nOn Red Hat, the patch is a set of packages without its number.`,
  };
}

/** The second listing is asked for only where the first is none. */
async function readListings(host: DesiredCs6Host, ports: ReadPorts): Promise<LiveSoftware> {
  const number = cs6Patch.number[host.platform];
  const tried: Asked[] = [];
  for (const listing of cs6Patch.listings) {
    const asked = await ask(host, listing, ports);
    tried.push(asked);
    const lines = asked.ranWell ? [...asked.output.matchAll(cs6Patch.line)] : [];
    const installed = lines.filter(([, patch]) => patch === number).map(([, , revision]) => Number(revision));
    if (installed.length > 0) return { patch: Math.max(...installed), evidence: asked.evidence };
    if (lines.length > 0)
      return {
        evidence: `${words(listing)} lists ${count(lines.length, 'patch', 'patches')}, but not ${number}.`,
      };
  }
  const evidence = tried.map(one => one.evidence).join('\n');
  return { evidence, ...(tried.every(({ absent }) => absent) && { mute: true }) };
}

/** What a command that tells a level did. */
interface Asked {
  readonly output: string;
  readonly absent: boolean;
  readonly ranWell: boolean;
  readonly late: boolean;
  readonly evidence: string;
}

/** A command that does not come to an end costs the level, and nothing else that is asked of the host. */
async function ask(host: Host, command: Command, ports: ReadPorts): Promise<Asked> {
  const result = await ports.host(host.name).query({ ...command, patience: host.softwareTimeout });
  const ran = result.state === 'ran';
  return {
    output: ran ? result.output : '',
    absent: !ran,
    ranWell: ran && result.code === 0,
    late: ran && result.late !== undefined,
    evidence: `${words(command)}\n${cameBack(result)}`,
  };
}

function words(command: Command): string {
  return command.words.join(' ').replace(/^\.\//, '');
}

function patchFindings(host: DesiredCs6Host, live: LiveSoftware): readonly Finding[] {
  const { name, minimumPatch, source: where } = host;
  const number = cs6Patch.number[host.platform];
  const key = ['cs6', 'hosts', name, 'patch'];
  if (live.patch === undefined) {
    const severity = host.platform === 'redhat' || live.mute ? 'warning' : 'error';
    const detail = `${name}: ${live.evidence}\nBelow ${number}-${minimumPatch}, CS6 does not understand the free/busy requests of CS7.\nCheck which revision is installed, and set it:\n${stated(key, cs6Patch.latest)}`;
    return [finding('software.patch-unknown', { severity, detail, where })];
  }
  const said = live.stated ? [statedNote(`${name} has ${number}-${live.patch}`, key, where)] : [];
  if (live.patch >= minimumPatch) return said;
  const detail =
    `${name} has ${number}-${live.patch}, but cs6.minimumPatch is ${minimumPatch}.\n` +
    'The vendor\'s chapter names 37 in its steps and 44 under "Minimum Software Requirements"; 44 is the safer of the two.\n' +
    `Install a later revision of ${number}, or set cs6.minimumPatch.`;
  return [...said, finding('software.patch-too-low', { detail, where })];
}

function statedNote(what: string, key: readonly string[], where: SourcePosition): Finding {
  const detail = `${what}: ${key.join('.')} sets it, so the host was not asked.\nRemove the key to have it asked.`;
  return finding('software.stated', { detail, where });
}

/** Some versions may refuse -u here: then it is left out, once. */
async function readVersion(host: DesiredCs7Host, ports: ReadPorts): Promise<LiveSoftware> {
  const known = host.release === undefined ? undefined : readRelease(host.release);
  if (known) return { release: known, stated: true, evidence: '' };
  const whileSame = cs7FilePlaces(host, 'options');
  const first = await ask(host, { ...davadmin(host, 'version'), whileSame }, ports);
  const release = readRelease(first.output);
  if (release || first.absent || first.late) return { ...(release && { release }), evidence: first.evidence };
  const second = await ask(host, { ...davadminWithoutUser(host, 'version'), whileSame }, ports);
  const later = readRelease(second.output);
  return { ...(later && { release: later }), evidence: `${first.evidence}\n${second.evidence}` };
}

function versionFindings(host: DesiredCs7Host, live: LiveSoftware): readonly Finding[] {
  const { name, source: where } = host;
  const key = ['cs7', 'hosts', name, 'release'];
  if (!live.release) {
    const detail = `${name}: ${live.evidence}\nThe output has no recognizable release of Calendar Server 7. Coexistence needs ${cs7Minimum.inWords} or later.\nCheck which release is installed, and set it:\n${stated(key, '"7.0.4.14.0"')}`;
    return [finding('software.version-unknown', { detail, where })];
  }
  const said = live.stated ? [statedNote(`${name} has ${host.release}`, key, where)] : [];
  if (isEnough(live.release)) return said;
  const proof = live.stated ? `${key.join('.')} states ${host.release}.` : live.evidence;
  const detail = `${name}: ${proof}\nCoexistence needs ${cs7Minimum.inWords} or later. Update it first.`;
  return [...said, finding('software.version-too-low', { detail, where })];
}

function isEnough([major, update]: Cs7Release): boolean {
  const [least, updates] = cs7Minimum.release;
  return major > least || update >= updates;
}
