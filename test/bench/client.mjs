// One run of the product's client as a process of its own, so that its memory and its time are its own.
// It gets its work as JSON in the first argument and prints what it took as JSON.
import { readFileSync } from 'node:fs';
import { openDirectory } from '../../src/adapters/ldap/directory-client.ts';
import { connect } from '../../src/adapters/open-ports.ts';
import { packageFile } from '../../src/core/package-files.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { Secret } from '../../src/ports/secret.ts';

const works = { read, modify, check };
const work = JSON.parse(process.argv[2]);
const start = performance.now();
const result = await works[work.what](work);
const milliseconds = performance.now() - start;
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ milliseconds, megabytes: maxRSS / 1024, ...result }));

async function read({ target, query }) {
  const directory = open(target);
  let entries = 0;
  for await (const _ of directory.search(query)) entries += 1;
  await directory.close();
  return { entries };
}

/** `changes` is a file with one change in each line: a name, the value before, the value after. */
async function modify({ target, changes, attribute, inFlight }) {
  const directory = open(target);
  const lines = readFileSync(changes, 'utf8').trimEnd().split('\n');
  let next = 0;
  let done = 0;
  const one = async () => {
    while (next < lines.length) {
      const [dn, before, after] = lines[next++].split('\t');
      const { state } = await directory.modify(dn, [
        { operation: 'delete', attribute, values: [before] },
        { operation: 'add', attribute, values: [after] },
      ]);
      done += state === 'done' ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  await directory.close();
  return { done };
}

async function check({ estate, environment }) {
  const schema = JSON.parse(readFileSync(packageFile('schemas/estate.schema.json'), 'utf8'));
  const { state, findings } = loadEstate(estate, readFileSync(estate, 'utf8'), schema);
  if (!state) throw new Error(JSON.stringify(findings));
  const connection = connect(state, environment);
  const targets = targetsOf(state).filter(({ target }) => target === 'directory');
  const comparisons = await compareAll(targets, connection.ports);
  await connection.close();
  const unread = comparisons.flatMap(comparison => comparison.unread ?? []);
  if (unread.length > 0) throw new Error(JSON.stringify(unread));
  return {
    accounts: Math.max(...comparisons.map(({ total }) => total)),
    changes: comparisons.reduce((sum, comparison) => sum + comparison.changes.length, 0),
  };
}

function open({ url, bindDn, password }) {
  const directory = { url, otherUrls: [], startTls: false, tls: {}, bindDn, password: { env: 'BENCH' } };
  return openDirectory(directory, async () => new Secret(password));
}
