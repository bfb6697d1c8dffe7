import { expect, it } from 'vitest';
import { editProperties, readProperties } from '../../src/lab/cs7/properties.ts';

it('reads as java.util.Properties does', () => {
  const content = [
    '# comment',
    '  ! comment',
    'example.com=http://cs6.example.com:8080/ischedule/',
    'b : two words ',
    'c three',
    'd\\=e=x\\u0041\\ty',
    'long=one,\\',
    '    two',
    'b=last',
    'empty',
  ].join('\n');
  expect(readProperties(content)).toEqual({
    'example.com': 'http://cs6.example.com:8080/ischedule/',
    b: 'last',
    c: 'three',
    'd=e': 'xA\ty',
    long: 'one,two',
    empty: '',
  });
  expect(readProperties('a=b ')).toEqual({ a: 'b ' });
  expect(() => readProperties('a=\\u12')).toThrow('Malformed');
});

it('changes one line or adds one', () => {
  expect(editProperties('# c\na=1\nb=2\n', 'a', '3')).toBe('# c\na=3\nb=2\n');
  expect(editProperties('a=1', 'b', 'x\\y')).toBe('a=1\nb=x\\\\y\n');
});
