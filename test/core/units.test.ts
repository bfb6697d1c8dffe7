import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { known, parseDuration, parsePercent } from '../../src/core/units.ts';

const { $defs } = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'));

it.each([
  ['0s', 0],
  ['90s', 90_000],
  ['15m', 900_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
])('reads %s', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

it.each(['', '7', 's', '-1s', '1.5h', '07d', '7D', '7w', ' 7d', '7d\n', '7 d', '9999999d'])(
  'takes %j for no duration',
  text => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

it.each([
  ['0%', 0],
  ['12.5%', 12.5],
  ['100%', 100],
  ['100.0%', 100],
])('reads %s', (text, percent) => {
  expect(parsePercent(text)).toBe(percent);
});

it.each(['', '%', '25', '101%', '100.5%', '-1%', '1e1%', '025%', '25 %'])('takes %j for no share', text => {
  expect(parsePercent(text)).toBeUndefined();
});

it('reads every form that the schema of the estate lets through, and no other of these', () => {
  const numbers = ['0', '1', '9', '10', '99', '100', '9999', '01', '1.5', ''];
  const durations = numbers.flatMap(number => ['s', 'm', 'h', 'd', 'w', 'S', ''].map(unit => `${number}${unit}`));
  const fits = (name: string) => (text: string) => new RegExp($defs[name].pattern).test(text);
  expect(durations.filter(fits('duration'))).toEqual(durations.filter(text => parseDuration(text)));
  const shares = [...numbers, '12.5', '100.0', '100.1'].map(number => `${number}%`);
  expect(shares.filter(fits('share'))).toEqual(shares.filter(text => parsePercent(text) !== undefined));
});

it('takes another form for a mistake of the program', () => {
  expect(() => known(parseDuration, '7 days')).toThrow('no such form: 7 days');
});
