import { execSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { configurationFindings } from '../../src/accounts/directory-configuration.ts';
import type { Finding } from '../../src/core/finding.ts';
import {
  administer,
  collect,
  connectionForTest,
  type DirectoryOptions,
  desiredDirectory,
  directoryForTest,
} from '../adapters/ldap/support.ts';
import type { TestDirectory } from '../servers/directory-server.ts';

/* What servers say about themselves to an identity that may read it: indexes, uniqueness. */

const service = 'cn=reconcile,ou=Services,o=isp';
const configPassword = 'config-lab';

function slapdThat(
  shows: boolean,
  database: readonly string[] = [],
  overlay: readonly string[] = [],
): DirectoryOptions {
  const access = shows ? [`access to * by dn.exact="${service}" read by * none`] : [];
  const modules = overlay.length > 0 ? ['moduleload unique.so'] : [];
  return {
    slapd: {
      global: [...modules, 'database config', `rootpw ${configPassword}`, ...access],
      database: [...database, ...overlay],
    },
  };
}

function ds389That(shows: boolean, indexes?: Record<string, readonly string[]>, more = {}): DirectoryOptions {
  const aci = `(targetattr="*")(version 3.0; acl "look"; allow (read,search,compare) userdn="ldap:///${service}";)`;
  return {
    ds389: { configuration: { ...(shows && { 'cn=config': { aci } }), ...more }, ...(indexes && { indexes }) },
  };
}

async function findingsOf(server: TestDirectory): Promise<readonly Finding[]> {
  return configurationFindings(desiredDirectory(server), connectionForTest(server));
}

/** Runs the line of a finding that is to be copied, as the administrator who answers its question for the password. */
function runLine(finding: Finding | undefined, administrator: string, password: string): string {
  const line = /^ {4}(printf .*|ldapsearch .*)$/m.exec(finding?.detail ?? '')?.[1] ?? 'false';
  expect(line).toContain(`'${administrator}' -W`.replace(/^'([^ ]*)'/, '$1'));
  return execSync(line.replace(' -W', ` -w ${password}`), { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}

const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);

describe('OpenLDAP', () => {
  it('that shows its configuration is told which index is missing, and the line adds it', async () => {
    const server = await directoryForTest('slapd', slapdThat(true));
    const before = await findingsOf(server);
    expect(codes(before)).toEqual(['directory.index-missing', 'directory.uniqueness-not-enforced']);
    expect(before[0]?.detail).toContain(
      'davUniqueId has no index for equality and presence.\ndavStore has no index for equality and presence.\n',
    );
    runLine(before[0], 'cn=config', configPassword);
    expect(codes(await findingsOf(server))).toEqual(['directory.uniqueness-not-enforced']);
  });

  it.each([
    ['each', ['index davUniqueId eq,pres', 'index davStore pres,eq'], []],
    ['together, in any case', ['index DAVUNIQUEID,davstore eq,pres,approx'], []],
    ['as the default says', ['index default pres,eq', 'index davUniqueId,davStore'], []],
    [
      'one for presence only',
      ['index davUniqueId eq,pres', 'index davStore eq'],
      ['davStore has no index for presence.'],
    ],
  ])('has indexes, %s', async (_, lines, missing) => {
    const server = await directoryForTest('slapd', slapdThat(true, lines));
    const found = await findingsOf(server);
    const [index] = found.filter(({ code }) => code === 'directory.index-missing');
    expect(index?.detail.split('\n').filter(line => line.includes(' has no index ')) ?? []).toEqual(missing);
    if (index) {
      runLine(index, 'cn=config', configPassword);
      expect(codes(await findingsOf(server))).toEqual(['directory.uniqueness-not-enforced']);
    }
  });

  it('may have both in one line with others, which keep their indexes', async () => {
    const server = await directoryForTest('slapd', slapdThat(true, ['index sn eq']));
    const config = { ...server, adminDn: 'cn=config', adminPassword: configPassword };
    const line = 'olcDbIndex: davUniqueId,givenName,davStore eq';
    administer(config, 'dn: olcDatabase={1}mdb,cn=config', 'changetype: modify', 'add: olcDbIndex', line);
    const [index] = await findingsOf(server);
    expect(index?.detail).toContain('davUniqueId has no index for presence.\ndavStore has no index for presence.\n');
    runLine(index, 'cn=config', configPassword);
    expect(codes(await findingsOf(server))).toEqual(['directory.uniqueness-not-enforced']);
    const [database] = await collect(
      connectionForTest(server).search({
        base: 'cn=config',
        filter: '(olcSuffix=o=isp)',
        scope: 'one',
        attributes: ['olcDbIndex'],
      }),
    );
    expect(database?.attributes.get('olcdbindex')).toEqual(
      expect.arrayContaining(['sn eq', 'givenName eq', 'davUniqueId eq,pres', 'davStore eq,pres']),
    );
  });

  it('keeps the unique id unique by an overlay', async () => {
    const overlay = ['overlay unique', 'unique_uri "ldap:///?mail?sub ldap:///o=isp?uid,davUniqueId?sub"'];
    const server = await directoryForTest('slapd', slapdThat(true, ['index davUniqueId,davStore eq,pres'], overlay));
    expect(await findingsOf(server)).toEqual([]);
  });

  it('that hides its configuration is not suspected of anything, and the line shows it to its administrator', async () => {
    const server = await directoryForTest('slapd', slapdThat(false, ['index davStore eq']));
    const [note, ...more] = await findingsOf(server);
    expect(more).toEqual([]);
    expect(note).toMatchObject({ code: 'directory.not-checked', severity: 'note' });
    expect(note?.detail).toContain(`${service} may not read the indexes`);
    expect(runLine(note, 'cn=config', configPassword)).toContain('olcDbIndex: davStore eq');
  });
});

describe('389', () => {
  it('that shows its configuration is told which index is missing, and the line adds it', async () => {
    const server = await directoryForTest('389', ds389That(true, { davStore: ['eq'] }));
    const before = await findingsOf(server);
    expect(codes(before)).toEqual(['directory.index-missing', 'directory.uniqueness-not-enforced']);
    expect(before[0]?.detail).toContain(
      'davUniqueId has no index for equality and presence.\ndavStore has no index for presence.\n',
    );
    runLine(before[0], 'cn=Directory Manager', server.adminPassword);
    expect(codes(await findingsOf(server))).toEqual(['directory.uniqueness-not-enforced']);
  });

  it('keeps the unique id unique by a plug-in that is enabled', async () => {
    const plugin = {
      'cn=unique id,cn=plugins,cn=config': {
        objectClass: ['top', 'nsSlapdPlugin', 'extensibleObject'],
        cn: 'unique id',
        'nsslapd-pluginPath': 'libattr-unique-plugin',
        'nsslapd-pluginInitfunc': 'NSUniqueAttr_Init',
        'nsslapd-pluginType': 'betxnpreoperation',
        'nsslapd-pluginEnabled': 'on',
        'uniqueness-attribute-name': 'davUniqueId',
        'uniqueness-subtrees': 'o=isp',
        'nsslapd-plugin-depends-on-type': 'database',
        'nsslapd-pluginId': 'NSUniqueAttr',
      },
    };
    const server = await directoryForTest(
      '389',
      ds389That(true, { davStore: ['eq', 'pres'], davUniqueId: ['eq', 'pres'] }, plugin),
    );
    expect(await findingsOf(server)).toEqual([]);
  });

  it('that hides its configuration is not suspected of anything, and the line shows it to its administrator', async () => {
    const server = await directoryForTest('389', ds389That(false, { davStore: ['eq'] }));
    const [note, ...more] = await findingsOf(server);
    expect(more).toEqual([]);
    expect(note).toMatchObject({ code: 'directory.not-checked', severity: 'note' });
    expect(runLine(note, 'cn=Directory Manager', server.adminPassword)).toContain('nsIndexType: eq');
  });
});
