import { expect, it } from 'vitest';
import { loadEstate } from '../../src/estate/load.ts';
import { estateSchema } from '../kinds/cases.ts';
import { farmText } from '../plan/made-up-farm.ts';

/** A farm whose hosts of CS6 each have a setting that is not known, which is a warning. */
function doubtful(hosts: number): string {
  return farmText(hosts).replaceAll('service.http.idletimeout', 'service.http.idletimeouts');
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
