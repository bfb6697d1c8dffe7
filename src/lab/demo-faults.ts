import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cs6Paths } from './cs6/cs6-layout.ts';
import type { EmbeddedDirectory } from './embedded/ldap-server.ts';
import type { EmbeddedHostFault } from './embedded/serve-connection.ts';
import type { EmbeddedHost } from './embedded/ssh-server.ts';
import { clearFault, setFault } from './fault.ts';
import type { LabMailServer } from './smtp.ts';

/** What somebody does by hand in every estate: an old line pasted back, and an attribute removed. */
export async function meddleByHand({ trees, directory }: DemoParts): Promise<readonly string[]> {
  const { icsConf } = cs6Paths('solaris-sparc');
  const path = join(trees.get('cs6-fe1') ?? '', icsConf);
  const line = 'local.autoprovision = "yes"';
  writeFileSync(path, `${readFileSync(path, 'latin1')}! for Bob, until Monday\n${line}\n`, 'latin1');
  const dn = 'uid=jdoe,ou=People,o=example.com,o=isp';
  await directory.modifyByHand(dn, [{ operation: 'delete', attribute: 'davStore', values: ['defaultbackend'] }]);
  return [`cs6-fe1: appends ${line} to ${icsConf}, and does not restart`, `directory: removes davStore from ${dn}`];
}

/** What the look-up before coexistence did to CS6 goes only by hand: chapter 10, "Configuring the Calendar Server 6 Environment", step 4. */
export async function tidyByHand({ trees }: DemoParts): Promise<readonly string[]> {
  const { sbin } = cs6Paths('solaris-sparc');
  const words = ['-q', '-o', "o'neil@example.com", 'delete'];
  await promisify(execFile)('./cscal', words, { cwd: join(trees.get('cs6-fe1') ?? '', sbin) });
  return [`cs6-fe1: cd ${sbin}; ./cscal ${words.join(' ')}`];
}

/** What a rehearsal estate is made of, by host. */
export interface DemoParts {
  readonly folder: string;
  readonly directory: EmbeddedDirectory;
  /** Where invitations would go. */
  readonly mail: LabMailServer;
  readonly hosts: Map<string, EmbeddedHost>;
  /** The folder that is a host's `/`. */
  readonly trees: Map<string, string>;
  /** Where its calendar server answers. */
  readonly urls: Map<string, string>;
}

/** Something that can be made to go wrong. */
export interface DemoFault {
  set(): Promise<void>;
  clear(): Promise<void>;
}

/** What can go wrong in a rehearsal, by name. */
export const faultMeanings = {
  'slow-host': 'cs6-fe1 takes two seconds for every answer',
  'dropped-connection': 'cs6-fe1 loses the connection in the middle of an answer',
  'full-disk': 'cs6-fe1 has no space left',
  'changed-host-key': 'cs6-fe1 shows another host key',
  'host-down': 'cs6-fe1 is down',
  'second-editor': 'another person edits a file of cs6-fe1 at the wrong moment',
  'failed-restart': 'cs6-fe1 does not start again',
  'early-end': 'the directory ends every search after 100 entries',
  'out-of-order': 'the directory answers in another order than it was asked',
} as const;

/** The faults of a rehearsal; those of hosts concern `cs6-fe1`, the first host that is changed. */
export function demoFaults({
  hosts,
  trees,
  directory,
}: DemoParts): Readonly<Record<keyof typeof faultMeanings, DemoFault>> {
  const host = hosts.get('cs6-fe1');
  const tree = trees.get('cs6-fe1') ?? '';
  const ofHost = (fault: EmbeddedHostFault): DemoFault => ({
    set: async () => host?.setFault(fault),
    clear: async () => host?.clearFaults(),
  });
  const ofDirectory = (fault: Parameters<EmbeddedDirectory['setFault']>[0]): DemoFault => ({
    set: async () => directory.setFault(fault),
    clear: async () => directory.clearFaults(),
  });
  const edit = (root: string) =>
    appendFileSync(join(root, cs6Paths('solaris-sparc').icsConf), '! a second administrator\n');
  return {
    'slow-host': ofHost({ fault: 'slow', milliseconds: 2000 }),
    'dropped-connection': ofHost({ fault: 'drop-after', bytes: 3000 }),
    'full-disk': ofHost({ fault: 'full-disk' }),
    'changed-host-key': ofHost({ fault: 'changed-key' }),
    'host-down': ofHost({ fault: 'refuse' }),
    'second-editor': ofHost({ fault: 'second-editor', edit }),
    'failed-restart': {
      set: async () => setFault(tree, 'start-cal.fail'),
      clear: async () => clearFault(tree, 'start-cal.fail'),
    },
    'early-end': ofDirectory({ fault: 'early-end', entries: 100, code: 4 }),
    'out-of-order': ofDirectory({ fault: 'out-of-order' }),
  };
}
