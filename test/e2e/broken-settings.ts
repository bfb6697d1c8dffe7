import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { davadminFile } from '../../src/lab/lay-rehearsal.ts';
import { cs6Sbin, cs7Home, type Estate, icsConf } from '../servers/estate.ts';

/** The accounts that the settings are broken for. */
export const CS6_USER = 'grace.okafor@example.com';
export const CS7_USER = 'jdoe@example.com';

const JDOE = 'uid=jdoe,ou=People,o=example.com,o=isp';
const GRACE = 'uid=grace.okafor,ou=People,o=example.com,o=isp';
const CS7_CONFIG = '/var/opt/sun/comms/davserver/config';

/** Changes a file of a host behind everybody's back. Throws where there is nothing to change. */
export function editFile(estate: Estate, host: string, path: string, edit: (text: string) => string): void {
  const place = estate.pathOf(host, path);
  const before = readFileSync(place, 'latin1');
  const after = edit(before);
  if (after === before) throw new Error(`nothing to change in ${path}`);
  writeFileSync(place, after, 'latin1');
}

/** An administrator takes longer than this test: a start in the same seconds as the last change is not proved to be later. */
const longEnough = 'sleep 3';

/** Stops and starts a CS6 server, as its administrator would some time after editing ics.conf. */
export function restartCs6(estate: Estate): void {
  estate.on('cs6-fe1', `cd ${cs6Sbin} && ./stop-cal && ${longEnough} && ./start-cal`);
}

/** Sets a parameter of ics.conf, as an administrator would: by a line that comes last. */
export function setIcs(estate: Estate, key: string, value: string): void {
  editFile(estate, 'cs6-fe1', icsConf, text => `${text}${key} = "${value}"\n`);
  restartCs6(estate);
}

function restartCs7(estate: Estate): void {
  const words = ['./asadmin stop-domain domain1', longEnough, './asadmin start-domain domain1'];
  estate.on('cs7-fe1', `cd /opt/glassfish3/bin && ${words.join(' && ')}`);
}

/** Sets an option of CS7 to a whole value. */
export function setOption(estate: Estate, name: string, value: string): void {
  const words = `./davadmin config modify -u admin -F ${davadminFile} -o ${name} -v "${value}"`;
  estate.on('cs7-fe1', `cd ${cs7Home}/sbin && ${words}`);
  restartCs7(estate);
}

function modify(estate: Estate, dn: string, ...lines: readonly string[]): void {
  const { url, adminDn, adminPassword } = estate.slapd;
  const input = [`dn: ${dn}`, 'changetype: modify', ...lines, ''].join('\n');
  execFileSync('ldapmodify', ['-x', '-H', url, '-D', adminDn, '-w', adminPassword], { input, stdio: 'pipe' });
}

/** Chapter 10, step 4.1 for migrated users: what a server made by itself goes only by hand. */
export function deleteCalendars(estate: Estate, owner: string): void {
  estate.on('cs6-fe1', `cd ${cs6Sbin} && ./cscal -q -o ${owner} delete`);
}

/** Every setting of chapter 10 that can be broken: on cs6-fe1, on cs7-fe1, or on an entry of the directory. */
export const brokenSettings = {
  'service.http.caldavcompatible = "no"': estate => setIcs(estate, 'service.http.caldavcompatible', 'no'),
  'service.wcap.freebusy.redirecturl absent': estate => {
    editFile(estate, 'cs6-fe1', icsConf, text => text.replaceAll(/^service\.wcap\.freebusy\.redirecturl.*\n/gm, ''));
    restartCs6(estate);
  },
  'local.autoprovision back to yes': estate => setIcs(estate, 'local.autoprovision', 'yes'),
  'user.invite.autoprovision back to yes': estate => setIcs(estate, 'user.invite.autoprovision', 'yes'),
  'group.invite.autoprovision back to yes': estate => setIcs(estate, 'group.invite.autoprovision', 'yes'),
  'resource.invite.autoprovision back to yes': estate => setIcs(estate, 'resource.invite.autoprovision', 'yes'),
  'the line of the domain map removed': estate => {
    editFile(estate, 'cs7-fe1', `${CS7_CONFIG}/ischeduledomainmap.properties`, text =>
      text.replace(/^example\.com=.*\n/m, ''),
    );
    restartCs7(estate);
  },
  'davcore.scheduling.localuserattr unset': estate => setOption(estate, 'davcore.scheduling.localuserattr', ''),
  'davStore missing in davcore.uriinfo.subjectattributes': estate =>
    setOption(estate, 'davcore.uriinfo.subjectattributes', 'cn icsstatus mail davUniqueId'),
  'davUniqueId missing in davcore.uriinfo.subjectattributes': estate =>
    setOption(estate, 'davcore.uriinfo.subjectattributes', 'cn davstore icsstatus mail'),
  'davStore removed from an account of CS7': estate => modify(estate, JDOE, 'delete: davStore'),
  'davStore put on an account of CS6': estate => modify(estate, GRACE, 'add: davStore', 'davStore: defaultbackend'),
  'davUniqueId removed from an account of CS7': estate => modify(estate, JDOE, 'delete: davUniqueId'),
} as const satisfies Readonly<Record<string, (estate: Estate) => void>>;

/** One of them. */
export type BrokenSetting = keyof typeof brokenSettings;
