import { describe, expect, it } from 'vitest';
import { directoryEntries, type LabEntry } from '../../../src/lab/directory-content.ts';
import { fakeServer } from './fake-server.ts';
import { collect, connectionForTest, directoryForTest } from './support.ts';

const QUERY = { base: 'o=isp', filter: '(uid=*)', attributes: ['uid', 'davStore'] };

/** A class of service that gives every account below o=isp a store. */
const service: readonly LabEntry[] = [
  {
    dn: 'cn=template,o=isp',
    attributes: {
      objectClass: ['top', 'ldapSubEntry', 'extensibleObject', 'cosTemplate'],
      cn: ['template'],
      davStore: ['made'],
    },
  },
  {
    dn: 'cn=stores,o=isp',
    attributes: {
      objectClass: ['top', 'ldapSubEntry', 'cosSuperDefinition', 'cosPointerDefinition'],
      cn: ['stores'],
      cosTemplateDn: ['cn=template,o=isp'],
      cosAttribute: ['davStore default'],
    },
  },
];

describe('only what the server makes up', () => {
  it('is read without what stands in the entries', async () => {
    const content = { suffix: 'o=isp', domain: 'example.com', users: 14, groups: 0, resources: 0 };
    const directory = await directoryForTest('389', { entries: [...directoryEntries(content), ...service] });
    const connection = connectionForTest(directory);
    const all = await collect(connection.search(QUERY));
    const virtual = await collect(connection.search({ ...QUERY, virtualOnly: true }));
    expect(all.filter(entry => entry.attributes.has('uid'))).toHaveLength(14);
    expect(virtual.some(entry => entry.attributes.has('uid'))).toBe(false);
    const stores = virtual.filter(entry => entry.attributes.has('davstore'));
    // Every seventh has the class that allows it.
    expect(stores.map(entry => [...entry.attributes])).toEqual([[['davstore', ['made']]], [['davstore', ['made']]]]);
  });

  it('is nothing, and not asked for, where the server makes up nothing', async () => {
    const server = await fakeServer(() => false);
    expect(await collect(connectionForTest(server).search({ ...QUERY, virtualOnly: true }))).toEqual([]);
    expect(server.log.map(asked => asked.base).filter(base => base !== '')).toEqual([]);
  });
});
