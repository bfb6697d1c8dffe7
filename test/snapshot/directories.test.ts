import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DesiredState } from '../../src/core/desired.ts';
import { replayPorts } from '../../src/snapshot/replay.ts';
import { groups, madeUpEntries, randomFrom } from '../directories/made-up-accounts.ts';
import { cohort, madeUpCohorts } from '../directories/made-up-cohorts.ts';
import { type MadeUpEstate, startMadeUpEstate } from '../directories/made-up-estate.ts';
import { directoryServers } from '../directories/servers.ts';
import { planOver, snapshotOf } from './support.ts';

const seed = Number(process.env['SNAPSHOT_SEED'] ?? 20_261_123);
const accounts = 400;

/** An account whose classes are not all listed: a directory knows the others all the same. */
const lean = {
  dn: 'uid=lean,ou=People,o=isp',
  attributes: { objectClass: ['inetOrgPerson', 'icsCalendarUser'], uid: ['lean'], cn: ['Zoe\u0308'], sn: ['lean'] },
};

describe.each(directoryServers)('a snapshot of $name', server => {
  const estates = server.estates;
  let estate: MadeUpEstate;
  let base: DesiredState;

  beforeAll(async () => {
    estate = await startMadeUpEstate(server, [...madeUpEntries(randomFrom(seed), accounts), lean]);
    base = estate.base;
  });
  afterAll(() => estate?.stop());

  it(`leads to the very plan that the directory leads to, for ${estates} changed files (seed ${seed})`, async () => {
    const random = randomFrom(seed + 1);
    const taken = await snapshotOf(base, estate.ports(), {
      attributes: ['davStore', 'icsStatus', 'departmentNumber', 'mail'],
      groups: Object.values(groups),
    });
    let changes = 0;
    for (let number = 0; number < estates; number++) {
      const state = { ...base, cohorts: madeUpCohorts(random, accounts) };
      const wanted = await planOver(state, estate.ports());
      const plan = await planOver(state, replayPorts(taken, state));
      expect(plan, JSON.stringify(state.cohorts)).toEqual(wanted);
      changes += plan.steps.flatMap(step => [...step.changes]).length;
    }
    // Were nothing ever to be done, the two would agree too.
    expect(changes).toBeGreaterThan(estates * 50);
  });

  it('knows accounts by the classes that theirs descend from', async () => {
    const state = {
      ...base,
      cohorts: [cohort('people', { filter: '(objectClass=person)' }, 'store1', {}), ...base.cohorts.slice(-1)],
    };
    const plan = await planOver(state, replayPorts(await snapshotOf(base, estate.ports()), state));
    expect(plan).toEqual(await planOver(state, estate.ports()));
    expect(JSON.stringify(plan.steps)).toContain(lean.dn);
  });

  it('does not guess where servers compare letters with accents each in its own way', async () => {
    const state = {
      ...base,
      cohorts: [cohort('zoe', { filter: '(cn=zo\u00eb)' }, 'store1', {}), ...base.cohorts.slice(-1)],
    };
    const plan = await planOver(
      state,
      replayPorts(await snapshotOf(base, estate.ports(), { attributes: ['cn'] }), state),
    );
    expect(plan.findings.map(({ code }) => code)).toContain('snapshot.not-in-it');
    expect(plan.unread).toEqual(['directory']);
  });

  it('is none where a filter of the file needs the directory itself', async () => {
    const cohorts = [cohort('odd', { filter: '(departmentNumber~=d1)' }, 'store1', {}), ...base.cohorts.slice(-1)];
    await expect(snapshotOf({ ...base, cohorts }, estate.ports())).rejects.toThrow(
      'It has a comparison of departmentNumber',
    );
  });
});
