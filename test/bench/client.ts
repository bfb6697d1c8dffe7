import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { servicePassword } from '../servers/directory-server.ts';
import { ds389Service } from '../servers/ds389-content.ts';
import { bundledProgram } from '../tools/bundled-program.ts';

/** What one run of the product took and did; the time is without the start of Node. */
export interface ClientRun {
  readonly milliseconds: number;
  /** The most memory it ever had. */
  readonly megabytes: number;
  readonly entries?: number;
  readonly done?: number;
  readonly accounts?: number;
  readonly changes?: number;
}

/** Runs the product's client as a process of its own: `client.mjs` says what work there is. */
export async function runClient(work: Readonly<Record<string, unknown>>): Promise<ClientRun> {
  const words = [bundledProgram('test/bench/client.mjs'), JSON.stringify(work)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return JSON.parse(stdout);
}

/** Whom the product and the C tools log in as. */
export interface BenchLogin {
  readonly bindDn: string;
  readonly password: string;
}

/** The identity of a service, for which the server checks its access rules at every entry. */
export const serviceLogin: BenchLogin = { bindDn: ds389Service, password: servicePassword };

/** The words every C tool gets. */
export function toolWords(url: string, { bindDn, password }: BenchLogin): string {
  return `-x -H ${url} -D '${bindDn}' -w '${password}'`;
}
