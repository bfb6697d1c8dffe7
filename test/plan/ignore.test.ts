import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { DesiredIgnore } from '../../src/core/desired.ts';
import type { Comparison } from '../../src/core/plan.ts';
import { expiryFindings, setAside } from '../../src/plan/ignore.ts';

const source = { file: 'estate.yaml', line: 9 };
const entry: DesiredIgnore = {
  target: 'cs6-be1',
  key: 'service.http.idletimeout',
  until: '2027-01-31',
  reason: 'load test',
  owner: 'ops',
  source,
};
const account: DesiredIgnore = { ...entry, target: 'directory', key: 'davStore', item: 'uid=JDOE,o=isp' };

function comparison(target: string, ...changes: readonly Change[]): Comparison {
  return { kind: 'k', target, stage: 'cs6-config', changes, findings: [] };
}

const timeout: Change = {
  action: 'update',
  item: '/ics.conf',
  key: 'service.http.idletimeout',
  before: '180',
  after: '120',
};
const other: Change = { ...timeout, key: 'service.http.port' };
const store = (uid: string): Change => ({ action: 'create', item: `uid=${uid},o=isp`, key: 'davstore', after: 's' });

describe('ignore', () => {
  it('sets one setting of one host aside until its day, and nothing else', () => {
    const all = [comparison('cs6-be1', timeout, other), comparison('cs6-fe1', timeout)];
    const { comparisons, ignored } = setAside(all, [entry], '2027-01-31');
    expect(comparisons.map(c => c.changes)).toEqual([[other], [timeout]]);
    expect(ignored).toEqual([
      { target: 'cs6-be1', change: timeout, until: '2027-01-31', reason: 'load test', owner: 'ops' },
    ]);
  });

  it('sets one account aside, whatever the case of names', () => {
    const { comparisons } = setAside([comparison('directory', store('jdoe'), store('adams'))], [account], '2026-01-01');
    expect(comparisons.map(c => c.changes)).toEqual([[store('adams')]]);
  });

  it.each([
    ['uid=doe\\2C john+cn=J,o=isp', 'cn=j + uid=Doe\\, John, O=isp'],
    ['uid=doe\\, john,o=isp', 'uid="Doe, John";o=isp'],
    ['uid=jdoe,o=isp', '0.9.2342.19200300.100.1.1=jdoe,2.5.4.10=isp'],
  ])('sets %s aside when the file writes %s', (item, written) => {
    const all = [comparison('directory', { ...store('x'), item })];
    const { comparisons } = setAside(all, [{ ...account, item: written }], '2026-01-01');
    expect(comparisons.map(c => c.changes)).toEqual([[]]);
  });

  it('holds no longer on the day after', () => {
    const { comparisons, ignored } = setAside([comparison('cs6-be1', timeout)], [entry], '2027-02-01');
    expect([comparisons.map(c => c.changes), ignored]).toEqual([[[timeout]], []]);
  });

  it.each([
    ['2027-01-31', undefined, ''],
    ['2027-02-01', 'warning', 'In 14 days this becomes an error.'],
    ['2027-02-13', 'warning', 'In 2 days this becomes an error.'],
    ['2027-02-14', 'warning', 'In 1 day this becomes an error.'],
    ['2027-02-15', 'error', 'Its last day was 15 days ago.'],
  ])('on %s it is told as %s: %s', (day, severity, says) => {
    const found = expiryFindings([entry], day);
    expect(found.map(f => [f.severity, f.where?.line])).toEqual(severity ? [[severity, 9]] : []);
    expect(found.map(f => f.detail).join()).toContain(says);
  });
});
