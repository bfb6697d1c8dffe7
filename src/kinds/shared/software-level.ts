import type { DesiredCs6Host, DesiredCs7Host, Host } from '../../core/desired.ts';
import { count } from '../../core/units.ts';
import type { Command } from '../../ports/host.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { cs6Patch } from '../../products/cs6.ts';
import { type Cs7Release, cs7FilePlaces, davadmin, davadminWithoutUser, readRelease } from '../../products/cs7.ts';
import { cameBack } from './service.ts';

/** The level of what is installed, as far as it is known. */
export interface LiveSoftware {
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

/** The revision of the core patch of CS6: stated, or as the host lists it. */
export async function readPatch(host: DesiredCs6Host, ports: ReadPorts): Promise<LiveSoftware> {
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

/** The release of CS7: stated, or as davadmin says it. Some versions may refuse -u here: then it is left out, once. */
export async function readVersion(host: DesiredCs7Host, ports: ReadPorts): Promise<LiveSoftware> {
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
