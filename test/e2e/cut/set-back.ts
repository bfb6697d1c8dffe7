import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { installedIcsConf } from '../../../src/lab/lay-rehearsal.ts';
import { cs7Home, type Estate, icsConf } from '../../servers/estate.ts';

/** Takes back by hand what an apply did, so that the next one has something to do again: files, options and accounts. */
export async function setBack(estate: Estate): Promise<void> {
  for (const host of estate.ssh.hosts.keys()) {
    if (host.startsWith('cs6')) writeWhole(estate, host, icsConf, installedIcsConf(8080));
    else setBackCs7(estate, host);
  }
  setBackAccounts(estate);
}

/** As an editor does that is careful: beside it, then by rename, with its owner and mode. */
function writeWhole(estate: Estate, host: string, path: string, content: string): void {
  const file = estate.pathOf(host, path);
  execFileSync('sh', ['-c', 'cp -p "$0" "$0.edit" && cat > "$0.edit"', file], { input: content });
  renameSync(`${file}.edit`, file);
}

function setBackCs7(estate: Estate, host: string): void {
  rmSync(estate.pathOf(host, `${cs7Home}/config/ischeduledomainmap.properties`), { force: true });
  const option = ['-o', 'davcore.scheduling.localuserattr', '-v', "''"];
  estate.on(
    host,
    `cd ${cs7Home}/sbin && DAVADMIN_CLIFILE=/etc/opt/davadmin.clifile ./davadmin config modify ${option.join(' ')} -u admin`,
  );
}

function setBackAccounts(estate: Estate): void {
  const { url, adminDn, adminPassword } = estate.directory;
  const bind = ['-x', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword];
  const found = execFileSync('ldapsearch', [...bind, '-LLL', '-b', 'o=isp', '(davStore=*)', '1.1'], {
    encoding: 'utf8',
  });
  const names = found.split('\n').filter(line => line.startsWith('dn:'));
  const input = names.map(line => `${line}\nchangetype: modify\ndelete: davStore\n`).join('\n');
  if (names.length > 0) execFileSync('ldapmodify', bind, { encoding: 'utf8', input });
}
