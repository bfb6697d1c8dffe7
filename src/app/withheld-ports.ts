import { TargetProblem } from '../core/finding.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import type { FreeBusyReader } from '../ports/free-busy.ts';
import type { HostReader } from '../ports/host.ts';
import type { ReadPorts } from '../ports/ports.ts';
import type { Trust } from './trusted-connections.ts';

/**
 * Ports that contact nothing which is withheld: asked for it, they say why, as if it could not be reached. For commands that
 * read: what is withheld has no function that writes.
 */
export function withholdPorts<P extends ReadPorts>(ports: P, { reachable, withheld }: Trust): P {
  const served = [...reachable.cs6, ...reachable.cs7].filter(({ name }) => !withheld.has(name));
  const mayAsk = (url: string) => served.some(({ http }) => url === http || url.startsWith(`${http}/`));
  return {
    ...ports,
    host: (name: string) => (withheld.has(name) ? noHost(name, withheld) : ports.host(name)),
    directory: () => (withheld.has('directory') ? noDirectory(withheld) : ports.directory()),
    freeBusy: () => onlyAsking(mayAsk, ports.freeBusy()),
  };
}

type Withheld = Trust['withheld'];

function refuse(name: string, withheld: Withheld): TargetProblem {
  const finding = withheld.get(name);
  if (!finding) throw new Error(`${name} is not withheld`);
  return new TargetProblem(finding);
}

function noHost(name: string, withheld: Withheld): HostReader {
  const refused = () => Promise.reject(refuse(name, withheld));
  return { files: refused, query: refused, clock: refused, guard: refused, startRecord: refused };
}

function noDirectory(withheld: Withheld): DirectoryReader {
  return {
    password: () => Promise.reject(refuse('directory', withheld)),
    schema: () => Promise.reject(refuse('directory', withheld)),
    // biome-ignore lint/correctness/useYield: there is nothing to find
    async *search() {
      throw refuse('directory', withheld);
    },
  };
}

const detail = 'it was not asked: the trusted revision does not have this address';

function onlyAsking(mayAsk: (url: string) => boolean, reader: FreeBusyReader): FreeBusyReader {
  const refused = { state: 'failed', failure: 'unreachable', detail, hops: [] } as const;
  return {
    reach: async server => (mayAsk(server.http) ? reader.reach(server) : { state: 'silent', detail }),
    ask: async question => (mayAsk(question.http) ? reader.ask(question) : { state: 'failed', detail }),
    lookUp: async question => {
      const { redirect } = question;
      return mayAsk(question.http) && (redirect === undefined || mayAsk(redirect)) ? reader.lookUp(question) : refused;
    },
    schedule: async question => (mayAsk(question.url) ? reader.schedule(question) : refused),
  };
}
