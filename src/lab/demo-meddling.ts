import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cs6Paths } from './cs6/layout.ts';
import type { DemoParts } from './demo-faults.ts';

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
