import { describe, expect, it } from 'vitest';
import { readPasswordState } from '../../../src/adapters/ldap/login.ts';

const POLICY = '1.3.6.1.4.1.42.2.27.8.5.1';
const EXPIRED = '2.16.840.1.113730.3.4.4';
const EXPIRING = '2.16.840.1.113730.3.4.5';
const NOW = 1_000_000;

function stateOf(controls: Readonly<Record<string, string>>): object {
  const values = Object.entries(controls).map(([oid, text]) => [oid, Buffer.from(text, 'latin1')] as const);
  return readPasswordState({ urls: [], controls: new Map(values) }, NOW);
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex').toString('latin1');

describe('what a server says about the password', () => {
  it.each<[string, Readonly<Record<string, string>>, object]>([
    ['nothing at all', {}, {}],
    ['an empty policy', { [POLICY]: hex('30 00') }, {}],
    ['the time that is left', { [POLICY]: hex('30 06 a0 04 80 02 01 31') }, { expiresAt: NOW + 305_000 }],
    ['grace logins', { [POLICY]: hex('30 05 a0 03 81 01 02') }, { graceLogins: 2, expired: true }],
    ['no grace login left', { [POLICY]: hex('30 05 a0 03 81 01 00') }, { graceLogins: 0, expired: true }],
    ['an expired password', { [POLICY]: hex('30 03 81 01 00') }, { expired: true }],
    ['a locked account', { [POLICY]: hex('30 03 81 01 01') }, { locked: true }],
    ['a password to change', { [POLICY]: hex('30 03 81 01 02'), [EXPIRED]: '0' }, { mustChange: true }],
    ['seconds, the older way', { [EXPIRING]: '3600' }, { expiresAt: NOW + 3_600_000 }],
    [
      'both ways: the policy is the exact one',
      { [POLICY]: hex('30 06 a0 04 80 02 01 31'), [EXPIRING]: '304' },
      { expiresAt: NOW + 305_000 },
    ],
    ['that it has expired, the older way', { [EXPIRED]: '0' }, { expired: true }],
    ['a policy that is cut', { [POLICY]: hex('30 06 a0 04 80 02 01') }, {}],
    ['a policy of another form', { [POLICY]: hex('04 01 00') }, {}],
    ['an error nobody defined', { [POLICY]: hex('30 03 81 01 63') }, {}],
    ['seconds that are no number', { [EXPIRING]: 'soon' }, {}],
    ['more seconds than there are', { [EXPIRING]: '9'.repeat(400) }, {}],
  ])('is understood: %s', (_, controls, state) => {
    expect(stateOf(controls)).toEqual(state);
  });
});
