import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../src/core/canonical.ts';
import type { Estate } from '../../servers/estate.ts';

/** Text of an estate by where it stands: equal for estates that are in the same state, wherever they listen. */
export type EstateState = Readonly<Record<string, string>>;

/** The old files that replacements leave, which carry the time in their name. */
const backup = /\.reconcile-\d{8}T\d{6}Z(-\d)?$/;

/** The lab's own folder: process numbers stand in it as names, and how often davadmin was run. No real host has it. */
const lab = 'var/opt/lab/';

/** What runs keep in the home folder of their login while they are at work; what servers read at their start stays, and the records of runs. */
const found = 'find .reconcile ! -type d ! -name "start-*" ! -name "[0-9]*Z-*.json*" 2>/dev/null';

/** A watchdog that was called off takes its folder away when it looks again. */
const leftOver = `n=0; while [ $n -lt 60 ] && [ -n "$(${found})" ]; do sleep 1; n=$((n + 1)); done; ${found} || :`;

/** Every file of the hosts without backups, with owner and mode, and every entry of the directory. */
export function stateOf(estate: Estate): EstateState {
  const places = placesOf(estate);
  const files = [...estate.ssh.hosts.values()].flatMap(({ name, tree }) =>
    filesBelow(tree)
      .filter(path => !backup.test(path) && !path.startsWith(lab))
      .map(path => [`${name} ${path}`, describeFile(join(tree, path), places)]),
  );
  const left = [...estate.ssh.hosts.keys()].map(name => [`${name} locks and watchdogs`, estate.on(name, leftOver)]);
  return Object.fromEntries([...files, ...left, ...entriesOf(estate, places)]);
}

/** What differs from one estate to the next, and a word for it. */
function placesOf({ ssh, directory }: Estate): ReadonlyMap<string, string> {
  const addresses = [...ssh.hosts.values()].map(({ name, address }) => [address, `<${name}>`] as const);
  return new Map([...addresses, [`127.0.0.1:${directory.port}`, '<directory>']]);
}

function filesBelow(tree: string): readonly string[] {
  const paths = readdirSync(tree, { recursive: true, encoding: 'utf8' });
  return paths.filter(path => !statSync(join(tree, path)).isDirectory()).sort();
}

/** Process numbers, the time of a start and the port of the lab's mail server are those of one run. */
function describeFile(path: string, places: ReadonlyMap<string, string>): string {
  const { uid, gid, mode } = statSync(path);
  const bytes = readFileSync(path, 'latin1');
  const content = /^\d+\n$/.test(bytes)
    ? '<process>\n'
    : bytes
        .replace(/"pid": ?\d+/, '"pid": 0')
        .replace(/"started": ?"[^"]*"/, '"started": ""')
        .replace(/(smtpport\W+)\d+/, '$1<mail>');
  const text = withoutPlaces(content, places);
  return `${mode.toString(8)} ${uid}:${gid} ${text.length > 4000 ? sha256(text) : text}`;
}

function withoutPlaces(text: string, places: ReadonlyMap<string, string>): string {
  let normal = text;
  for (const [place, word] of places)
    normal = normal.replaceAll(new RegExp(`${place.replaceAll('.', '\\.')}(?!\\d)`, 'g'), word);
  return normal;
}

/** Without operational attributes, the lines of each entry in order: nobody promises one for attributes and values. */
function entriesOf(estate: Estate, places: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  const { url, adminDn, adminPassword } = estate.directory;
  const words = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword];
  const ldif = execFileSync('ldapsearch', [...words, '-b', 'o=isp', '(objectClass=*)'], { encoding: 'utf8' });
  const entries = ldif.split('\n\n').filter(entry => entry.trim() !== '');
  return entries.map(entry => {
    const [dn = '', ...lines] = withoutPlaces(entry, places).split('\n');
    return [dn, lines.sort().join('\n')] as const;
  });
}
