import { type DesiredCs6Host, type DesiredCs7Host, hostsOf } from '../../core/desired.ts';
import type { Finding, SourcePosition } from '../../core/finding.ts';
import { stated } from '../../core/next-command.ts';
import { finding } from '../../findings/catalogue.ts';
import { cs6Patch } from '../../products/cs6.ts';
import { type Cs7Release, cs7Minimum } from '../../products/cs7.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { type LiveSoftware, readPatch, readVersion } from '../shared/software-level.ts';

type DesiredSoftware =
  | { readonly side: 'cs6'; readonly host: DesiredCs6Host }
  | { readonly side: 'cs7'; readonly host: DesiredCs7Host };

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
