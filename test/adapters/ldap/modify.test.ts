import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { directoryEntries } from '../../../src/lab/directory-content.ts';
import type { Modification } from '../../../src/ports/directory.ts';
import { settle, until } from '../../tools/until.ts';
import { fakeServer } from './fake-server.ts';
import {
  collect,
  connectionForTest,
  directoryForTest,
  findingOf,
  type Make,
  makes,
  type Target,
  UNHURRIED,
} from './support.ts';

const PEOPLE = 'ou=People,o=example.com,o=isp';
/** Where 389 keeps the settings of its only database. */
const DATABASE = 'cn=userroot,cn=ldbm database,cn=plugins,cn=config';
const JDOE = `uid=jdoe,${PEOPLE}`;

/** The server's result, where the makes differ in it by make. */
type Words = string | Readonly<Record<Make, string>>;

function add(attribute: string, ...values: readonly string[]): Modification {
  return { operation: 'add', attribute, values };
}

function remove(attribute: string, ...values: readonly string[]): Modification {
  return { operation: 'delete', attribute, values };
}

async function valuesOf(target: Target, dn: string, attribute: string): Promise<readonly string[]> {
  const query = { base: dn, filter: '(objectClass=*)', attributes: [attribute] };
  const [entry] = await collect(connectionForTest(target).search(query));
  return entry?.attributes.get(attribute.toLowerCase()) ?? [];
}

/** Stops a server, and waits until each of its threads stands: some work on for a moment. */
async function halt(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const folder = `/proc/${pid}/task`;
  const stands = (task: string) => readFileSync(`${folder}/${task}/stat`, 'utf8').includes(') T ');
  await until(() => readdirSync(folder).every(stands), 'it stands still');
}

describe.each(makes)('modify on %s', make => {
  const wordsOf = (words: Words) => (typeof words === 'string' ? words : words[make]);

  it('does all parts together', async () => {
    const directory = await directoryForTest(make);
    const connection = connectionForTest(directory);
    expect(await connection.modify(JDOE, [add('objectClass', 'davEntity'), add('davStore', 'première')])).toEqual({
      state: 'done',
    });
    expect(await connection.modify(JDOE, [remove('davStore', 'première'), add('davStore', 'b')])).toEqual({
      state: 'done',
    });
    expect(await valuesOf(directory, JDOE, 'davStore')).toEqual(['b']);
  });

  it('reaches entries whose names need escaping', async () => {
    const directory = await directoryForTest(make);
    const connection = connectionForTest(directory);
    const query = { base: 'o=isp', filter: '(|(objectClass=icsCalendarUser)(groupid=*))', attributes: ['1.1'] };
    for (const { dn } of await collect(connection.search(query))) {
      expect(await connection.modify(dn, [add('description', 'seen')])).toEqual({ state: 'done' });
    }
    const seen = { base: 'o=isp', filter: '(description=seen)', attributes: ['1.1'] };
    expect(await collect(connection.search(seen))).toHaveLength(25);
  });

  it.each<[string, readonly Modification[], Words]>([
    ['an old value that is gone', [remove('icsStatus', 'inactive'), add('icsStatus', 'x')], '16 noSuchAttribute'],
    ['an old value of nothing', [remove('title', 'x'), add('title', 'y')], '16 noSuchAttribute'],
    ['a value that is there already', [add('objectClass', 'inetUser')], '20 attributeOrValueExists'],
    [
      'a second value for a single-valued attribute',
      [add('icsStatus', 'inactive')],
      { slapd: '19 constraintViolation', '389': '65 objectClassViolation' },
    ],
  ])('is a conflict: %s', async (_, modifications, words) => {
    const directory = await directoryForTest(make);
    const before = await valuesOf(directory, JDOE, 'icsStatus');
    const result = await connectionForTest(directory).modify(JDOE, modifications);
    expect(result).toMatchObject({ state: 'conflict', detail: expect.stringContaining(wordsOf(words)) });
    expect(result).toMatchObject({ detail: expect.stringContaining(JDOE) });
    expect(await valuesOf(directory, JDOE, 'icsStatus')).toEqual(before);
  });

  it('is a conflict: the entry is gone', async () => {
    const connection = connectionForTest(await directoryForTest(make));
    const result = await connection.modify(`uid=nobody,${PEOPLE}`, [add('description', 'x')]);
    expect(result).toMatchObject({ state: 'conflict', detail: expect.stringContaining('32 noSuchObject') });
  });

  it.each<[string, readonly Modification[], Words]>([
    ['no object class allows the attribute', [add('davStore', 'x')], '65 objectClassViolation'],
    [
      'the schema does not know the attribute',
      [add('davStor', 'x')],
      { slapd: '17 undefinedAttributeType', '389': '65 objectClassViolation' },
    ],
    ['the value has the wrong syntax', [add('seeAlso', 'x')], '21 invalidAttributeSyntax'],
    [
      'two values for a single-valued attribute that was empty',
      [add('objectClass', 'davEntity'), add('davStore', 'x', 'y')],
      { slapd: '19 constraintViolation', '389': '65 objectClassViolation' },
    ],
  ])('is refused: %s', async (_, modifications, words) => {
    const result = await connectionForTest(await directoryForTest(make)).modify(JDOE, modifications);
    expect(result).toMatchObject({ state: 'refused', detail: expect.stringContaining(wordsOf(words)) });
  });

  it('is refused: no right to write', async () => {
    const deny = `(target="ldap:///${PEOPLE}")(targetattr="*")(version 3.0; acl "no"; deny (write) userdn="ldap:///anyone";)`;
    const directory = await directoryForTest(make, {
      slapd: { database: [`access to dn.subtree="${PEOPLE}" by * read`] },
      ds389: { aci: [deny] },
    });
    const result = await connectionForTest(directory).modify(JDOE, [add('description', 'x')]);
    expect(result).toMatchObject({ state: 'refused', detail: expect.stringContaining('50 insufficientAccess') });
  });

  it('is refused: a directory that only reads', async () => {
    const directory = await directoryForTest(make, {
      slapd: { database: ['readonly on'] },
      ds389: { configuration: { [DATABASE]: { 'nsslapd-readonly': 'on' } } },
    });
    const result = await connectionForTest(directory).modify(JDOE, [add('description', 'x')]);
    expect(result).toMatchObject({ state: 'refused', detail: expect.stringContaining('53 unwillingToPerform') });
  });

  it('never deletes an attribute as a whole', async () => {
    const directory = await directoryForTest(make);
    await expect(connectionForTest(directory).modify(JDOE, [remove('icsStatus')])).rejects.toThrow(RangeError);
    expect(await valuesOf(directory, JDOE, 'icsStatus')).toEqual(['active']);
  });
});

describe('a server that says 65 for a second value, as 389 does', () => {
  const DN = 'uid=a,o=isp';
  const schema = {
    attributeTypes: ["( 1.1 NAME 'davStore' SINGLE-VALUE )", "( 1.2 NAME 'title' )"],
    objectClasses: ["( 1.3 NAME 'davEntity' AUXILIARY MAY davStore )"],
  };
  const as389 = (entry: Readonly<Record<string, readonly string[]>>, schemaStatus = 0) =>
    fakeServer((asked, answer) => {
      if (asked.what === 'modify') {
        answer.done(65, 'single-valued attribute "davStore" has multiple values');
      } else if (asked.base === 'cn=schema') {
        answer.entry('cn=schema', schemaStatus === 0 ? schema : {});
        answer.done(schemaStatus);
      } else if (asked.base === DN) {
        answer.entry(DN, entry);
        answer.done();
      }
      return asked.what === 'modify' || asked.base !== '';
    });

  it.each<[string, Readonly<Record<string, readonly string[]>>, readonly Modification[], string]>([
    ['somebody set it', { davStore: ['x'] }, [add('davStore', 'y')], 'conflict'],
    ['nobody did', { title: ['x'] }, [add('davStore', 'y')], 'refused'],
    [
      'a value that is replaced explains nothing',
      { davStore: ['x'] },
      [remove('davStore', 'x'), add('davStore', 'y')],
      'refused',
    ],
    ['nor does an attribute of many values', { title: ['x'] }, [add('title', 'y')], 'refused'],
  ])('is understood: %s', async (_, entry, modifications, state) => {
    const result = await connectionForTest(await as389(entry)).modify(DN, modifications);
    expect(result).toEqual({ state, detail: expect.stringContaining('result 65 objectClassViolation: single-valued') });
  });

  it('is refused where the schema cannot tell', async () => {
    const connection = connectionForTest(await as389({ davStore: ['x'] }, 50));
    expect(await connection.modify(DN, [add('davStore', 'y')])).toMatchObject({ state: 'refused' });
  });
});

describe.each(makes)('many modifies at once on %s', make => {
  const content = { suffix: 'o=isp', domain: 'example.com', users: 500, groups: 0, resources: 0 };
  const names = [...directoryEntries(content)].map(entry => entry.dn).filter(dn => dn.startsWith('uid='));

  it('each get their own answer', async () => {
    const connection = connectionForTest(await directoryForTest(make, { entries: directoryEntries(content) }));
    const results = await Promise.all(
      names.map((dn, index) => connection.modify(dn, [index % 2 === 0 ? add('title', 'x') : add('davStore', 'x')])),
    );
    // Every seventh has davEntity already and may have a davStore.
    expect(results.map(result => result.state)).toEqual(
      names.map((_, index) => (index % 2 === 0 || index % 7 === 6 ? 'done' : 'refused')),
    );
  });

  it('go beside a search that is being read', async () => {
    const connection = connectionForTest(
      await directoryForTest(make, { entries: directoryEntries({ ...content, users: 3000 }) }),
    );
    const query = { base: PEOPLE, filter: '(objectClass=icsCalendarUser)', attributes: ['1.1'] };
    const pending: Promise<unknown>[] = [];
    for await (const { dn } of connection.search(query)) {
      pending.push(connection.modify(dn, [add('title', 'x')]));
      if (pending.length % 32 === 0) {
        await Promise.all(pending);
      }
    }
    expect(new Set((await Promise.all(pending)).map(result => JSON.stringify(result)))).toEqual(
      new Set(['{"state":"done"}']),
    );
    expect(pending).toHaveLength(3000);
  });

  it('are told as unknown, by name, when the server is killed', async () => {
    const directory = await directoryForTest(make, { entries: directoryEntries(content) });
    // It is not asked whether it still is one: that would have no answer.
    const connection = connectionForTest({ ...directory, timing: { ...UNHURRIED, fresh: 300_000 } });
    await connection.schema();
    await halt(directory.pid);
    const changes = names.slice(0, 64).map(dn => findingOf(connection.modify(dn, [add('title', 'x')])));
    await settle();
    await directory.kill();
    const findings = await Promise.all(changes);
    for (const [index, finding] of findings.entries()) {
      expect(finding).toMatchObject({ code: 'directory.outcome-unknown' });
      expect(finding.detail).toContain(names[index]);
    }
    const later = await findingOf(connection.modify(JDOE, [add('title', 'x')]));
    expect(later).toMatchObject({ code: 'directory.connection-lost', detail: expect.stringContaining('was not sent') });
  });
});
