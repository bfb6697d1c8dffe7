import { type DesiredCs6Host, type DesiredState, hostsOf } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { parseProcesses, processList } from '../kinds/shared/service.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { cs6BackEndProcesses, cs6Components, scheduleUrl } from '../products/cs6.ts';

/** The CS6 hosts that users talk to, and what is to be said about the others. */
export interface FrontEnds {
  readonly hosts: readonly DesiredCs6Host[];
  readonly findings: readonly Finding[];
}

/**
 * A back end runs CS6 without its HTTP server, and nobody asks it anything. A host that the domain map names is a front end,
 * and so is one whose processes cannot be told, or of which none runs.
 */
export async function frontEnds(state: DesiredState, ports: ReadPorts): Promise<FrontEnds> {
  const found = await Promise.all(
    hostsOf(state, 'cs6').map(async host => ({ host, back: !isRouted(host, state) && (await isBackEnd(host, ports)) })),
  );
  return {
    hosts: found.flatMap(({ host, back }) => (back ? [] : [host])),
    findings: found.flatMap(({ host, back }) => (back ? [leftOut(host)] : [])),
  };
}

/** The CS6 hosts that CS7 asks about accounts of a domain, as the domain map must have it. */
export function routesOf(state: DesiredState, domain: string): readonly DesiredCs6Host[] {
  const urls = hostsOf(state, 'cs7').flatMap(({ domains }) =>
    domains.flatMap(one => (one.domain === domain ? [one.url] : [])),
  );
  return hostsOf(state, 'cs6').filter(host => urls.includes(scheduleUrl(host)));
}

function isRouted(host: DesiredCs6Host, state: DesiredState): boolean {
  return hostsOf(state, 'cs7').some(({ domains }) => domains.some(({ url }) => url === scheduleUrl(host)));
}

async function isBackEnd({ name }: DesiredCs6Host, ports: ReadPorts): Promise<boolean> {
  try {
    const running = parseProcesses(name, await ports.host(name).query(processList));
    const names = running.map(({ words }) => words[0]?.split('/').at(-1));
    return cs6BackEndProcesses.some(one => names.includes(one)) && !names.includes(cs6Components.http);
  } catch (problem) {
    if (problem instanceof TargetProblem) return false;
    throw problem;
  }
}

function leftOut({ name, source }: DesiredCs6Host): Finding {
  return finding('verify.back-end', {
    detail: `${name} runs Calendar Server 6 without ${cs6Components.http}, and no line of the domain map leads to it: it is a back end.\nIf users do talk to it, start its HTTP server.`,
    target: name,
    where: source,
  });
}
