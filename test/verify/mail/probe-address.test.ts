import { expect, it } from 'vitest';
import { verifyAddress } from '../../../src/verify/verify-mail.ts';
import { memoryPorts } from '../../fakes/memory-ports.ts';
import { desiredOf } from '../../kinds/cases.ts';

const state = desiredOf({ name: '', live: {}, changes: [] });
const people = 'ou=People,o=example.com,o=isp';
const probe = { dn: `uid=jdoe,${people}`, mail: 'jdoe@example.com' };

function account(uid: string, mail: string[]) {
  return { dn: `uid=${uid},${people}`, attributes: { objectClass: ['icsCalendarUser'], uid: [uid], mail } };
}

function look(...mail: string[]) {
  const entries = [account('jdoe', mail), account('grace', ['grace@example.com'])];
  return verifyAddress(state, probe, memoryPorts({ entries }).ports);
}

it('one address of its own in a mapped domain works', async () => {
  const works = { host: 'directory', what: 'mail of jdoe@example.com', state: 'works', detail: 'jdoe@example.com' };
  expect(await look('jdoe@example.com')).toEqual({ ...works, causes: [] });
});

it.each([
  ['none', [], 'directory', /has no mail address/],
  ['two', ['jdoe@example.com', 'john@example.com'], 'directory', /has 2 mail addresses/],
  [
    'one that somebody else has, in another case',
    ['Grace@example.com'],
    'directory',
    /2 accounts have Grace@example\.com/,
  ],
  ['one in a domain that is not mapped', ['jdoe@example.org'], 'cs7', /domain map of cs7 has no example\.org/],
])('%s fails', async (_, mails, target, detail) => {
  expect(await look(...mails)).toMatchObject({
    state: 'fails',
    detail: expect.stringMatching(detail),
    causes: [{ target, source: { line: expect.any(Number) } }],
  });
});
