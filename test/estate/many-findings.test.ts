import { expect, it } from 'vitest';
import { fullDetail } from '../../src/core/finding.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { estateSchema } from '../kinds/cases.ts';
import { farmText } from '../plan/made-up-farm.ts';

/** A farm whose hosts of CS6 each have a setting that is not known, which is a warning. */
function doubtful(hosts: number): string {
  let number = 0;
  return farmText(hosts).replaceAll('service.http.idletimeout', () => `service.http.strange${++number}`);
}

const load = (text: string) => loadEstate('farm.yaml', text, estateSchema);

it('a file with nothing but warnings stays valid, however many they are', () => {
  const { state, findings } = load(doubtful(600));
  expect(state?.hosts).toHaveLength(600);
  expect(findings).toHaveLength(201);
  expect(findings.at(-1)).toMatchObject({ code: 'estate.more-problems', severity: 'warning' });
  expect(findings.at(-1)?.detail).toContain('100 more are not');
});

it('up to the limit nothing is cut', () => {
  const { findings } = load(doubtful(400));
  expect(findings.map(({ code }) => code)).toEqual(Array.from({ length: 200 }, () => 'estate.setting-unknown'));
});

it('one warning of many hosts is one finding, with the lines of all, and takes the room of one', () => {
  const equal = farmText(600).replaceAll('service.http.idletimeout', 'service.http.idletimeouts');
  const { state, findings } = load(equal);
  expect(state?.hosts).toHaveLength(600);
  expect(findings).toMatchObject([
    { code: 'estate.setting-unknown', severity: 'warning', where: { line: 8 }, about: { count: 300 } },
  ]);
  expect(fullDetail(findings[0] ?? { detail: '' })).toContain('Found for 300, such as line 8; line 9; line 10');
});

it('a few equal warnings keep a finding and a line each, and errors always do', () => {
  const equal = (hosts: number) => farmText(hosts).replaceAll('service.http.idletimeout', 'service.http.idletimeouts');
  expect(load(equal(10)).findings.map(({ where }) => where?.line)).toEqual([8, 9, 10, 11, 12]);
  const broken = load(farmText(40).replaceAll('settings: {', 'sittings: {')).findings;
  expect(broken.filter(({ severity }) => severity === 'error').length).toBe(40);
});

it('no number of warnings pushes an error out', () => {
  const { state, findings } = load(doubtful(600).replace('server: cs6, members: rest', 'server: cs8, members: rest'));
  expect(state).toBeUndefined();
  expect(findings.filter(({ severity }) => severity === 'error')).toMatchObject([{ where: { file: 'farm.yaml' } }]);
  expect(findings.at(-1)).toMatchObject({ code: 'estate.more-problems', severity: 'warning' });
});

it('more errors than are shown are an error', () => {
  const { state, findings } = load(doubtful(600).replaceAll('"http:', '"ftp:'));
  expect(state).toBeUndefined();
  expect(findings.every(({ severity }) => severity === 'error')).toBe(true);
  expect(findings.at(-1)).toMatchObject({ code: 'estate.more-problems', severity: 'error' });
});
