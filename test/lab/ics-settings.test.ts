import { expect, it } from 'vitest';
import { readIcsSettings } from '../../src/lab/cs6/ics-settings.ts';

function setting(content: string, name: string): string | undefined {
  return readIcsSettings(content).settings[name];
}

it('lets the last instance win and knows defaults', () => {
  expect(setting('a.b = "1"\na.b\t=\t"2" \r\n! a.b = "3"\n!!a.b = "4"', 'a.b')).toBe('2');
  expect(setting('', 'local.autoprovision')).toBe('yes');
});

it('keeps signs inside the quotes', () => {
  expect(setting('calstore.calendar.owner.acl = "@@o^a^rsf^g;@@o^c^wdeic^g!"', 'calstore.calendar.owner.acl')).toBe(
    '@@o^a^rsf^g;@@o^c^wdeic^g!',
  );
});

it('sees only the first of two assignments on a line', () => {
  const reading = readIcsSettings('group.invite.autoprovision = "no" resource.invite.autoprovision = "no"');
  expect(reading.settings).toMatchObject({
    'group.invite.autoprovision': 'no',
    'resource.invite.autoprovision': 'yes',
  });
  expect(reading.ignored).toEqual([{ line: 1, why: 'more than one assignment' }]);
});

it('does not understand what the grammar does not have', () => {
  const reading = readIcsSettings('  a = "1"\nA = "1"\na = 1\na =\n"1"\na');
  expect(reading.settings['a']).toBeUndefined();
  expect(reading.ignored.map(one => one.why)).toEqual([
    'indented',
    'upper case',
    'not understood',
    'not understood',
    'not understood',
    'not understood',
  ]);
});

it('breaks on a quote that is not closed', () => {
  expect(() => readIcsSettings('a = "1"\nb = "2\n')).toThrow('ics.conf line 2');
});
