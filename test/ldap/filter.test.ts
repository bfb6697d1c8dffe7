import { describe, expect, it } from 'vitest';
import { and, equals, filterProblem, not, or, parseFilter, present } from '../../src/ldap/filter.ts';

describe('builders', () => {
  it('escape what would end or widen the value', () => {
    expect(equals('cn', 'a*(b)\\c\0')).toBe('(cn=a\\2a\\28b\\29\\5cc\\00)');
    expect(equals('cn', 'Zoë')).toBe('(cn=Zoë)');
  });

  it('combine', () => {
    expect(and('(a=1)', or('(b=2)', not(present('c'))))).toBe('(&(a=1)(|(b=2)(!(c=*))))');
    expect(and('(a=1)')).toBe('(a=1)');
    expect(or('(a=1)')).toBe('(a=1)');
  });

  it('say everything and nothing without RFC 4526', () => {
    expect(and()).toBe('(objectClass=*)');
    expect(or()).toBe('(!(objectClass=*))');
  });

  it.each(['', '1a', 'a=b', 'a b', 'a)', 'cn;', 'ä'])('refuse the attribute name %j', name => {
    expect(() => equals(name, 'x')).toThrow(RangeError);
    expect(() => present(name)).toThrow(RangeError);
  });

  it('build what the checker accepts', () => {
    for (const value of ['', ' ', '*', '()', '\\', 'Zoë', '\0', 'a=b', '\u{1f600}']) {
      expect(filterProblem(and(equals('cn', value), not(present('cn;lang-de'))))).toBeUndefined();
    }
  });
});

describe('filterProblem', () => {
  it.each([
    '(objectClass=*)',
    '(&(objectClass=icsCalendarUser)(!(davStore=*)))',
    '(|(uid=a)(uid=b)(uid=c))',
    '(cn=)',
    '(cn=a*b*c)',
    '(cn=*a)',
    '(cn=a*)',
    '(cn=*a*)',
    '(cn;lang-de=Zoë)',
    '(2.5.4.3=x)',
    '(a>=1)',
    '(a<=1)',
    '(a~=1)',
    '(o=Parens R Us \\28for all your parenthetical needs\\29)',
    '(filename=C:\\5cMyFile)',
    '(bin=\\00\\04\\FF)',
    '(cn:=Betty)',
    '(cn:caseExactMatch:=Fred)',
    '(cn:dn:2.4.6.8.10:=x)',
    '(cn:dn:=x)',
    '(:dn:2.4.6.8.10:=Dino)',
    '(:2.4.6.8.10:=Dino)',
    '(memberOf=cn=a,ou=Groups)',
  ])('accepts %s', text => {
    expect(filterProblem(text)).toBeUndefined();
  });

  it.each([
    ['', 0, 'the text ends'],
    ['uid=a', 0, '"(" expected'],
    ['(uid=a', 6, '")" is missing'],
    ['(uid=a))', 7, 'ends here'],
    ['(uid=a)(uid=b)', 7, 'ends here'],
    [' (uid=a)', 0, '"(" expected'],
    ['(& (uid=a))', 2, '"(" expected'],
    ['(&)', 2, '"(" expected'],
    ['(|)', 2, '"(" expected'],
    ['(!)', 2, '"(" expected'],
    ['(!(a=1)(b=2))', 7, '")" expected'],
    ['()', 1, 'attribute=value'],
    ['(uid)', 1, 'attribute=value'],
    ['(=a)', 1, 'missing'],
    ['(u id=a)', 1, 'not an attribute name'],
    ['(u_id=a)', 1, 'not an attribute name'],
    ['(>=1)', 1, 'missing'],
    ['(a>=1*)', 5, '\\2a'],
    ['(a=b(c)', 4, '\\28'],
    ['(a=\\)', 3, 'hexadecimal'],
    ['(a=x\\2)', 4, 'hexadecimal'],
    ['(a=x*\\zz)', 5, 'hexadecimal'],
    ['(a=x\0)', 4, 'hexadecimal'],
    ['(a=b**c)', 4, 'side by side'],
    ['(a=**)', 3, 'side by side'],
    ['(:=x)', 1, 'extensible'],
    ['(:dn:=x)', 1, 'extensible'],
    ['(cn:rule=x)', 1, 'extensible'],
    ['(cn:a:b:=x)', 1, 'extensible'],
    ['(cn:a b:=x)', 1, 'extensible'],
    ['(uid=a)\n', 7, 'ends here'],
  ])('refuses %j', (text, offset, reason) => {
    expect(filterProblem(text)).toMatchObject({ offset, reason: expect.stringContaining(reason) });
  });

  it('refuses what would overflow the stack', () => {
    expect(filterProblem(`${'(!'.repeat(100_000)}(a=1)${')'.repeat(100_000)}`)?.reason).toContain('deeper');
  });
});

describe('parseFilter', () => {
  it('reads escapes as bytes of UTF-8', () => {
    expect(parseFilter('(cn=Zo\\c3\\ab)')).toEqual(parseFilter('(cn=Zoë)'));
  });

  it('keeps the pieces between the asterisks', () => {
    const parsed = parseFilter('(cn=*b\\2a*c)');
    const pieces = 'filter' in parsed && parsed.filter.type === 'substrings' ? parsed.filter.pieces : [];
    expect(pieces.map(piece => Buffer.from(piece).toString())).toEqual(['', 'b*', 'c']);
  });

  it('takes an extensible match apart', () => {
    expect(parseFilter('(cn:dn:caseExactMatch:=x)')).toEqual({
      filter: {
        type: 'extensible',
        attribute: 'cn',
        rule: 'caseExactMatch',
        dnAttributes: true,
        value: Uint8Array.of(120),
      },
    });
  });
});
