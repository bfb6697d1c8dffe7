import { describe, expect, it, vi } from 'vitest';
import { effectiveValues, parseIcsConf } from '../../src/kinds/shared/ics-conf-text.ts';
import { redactFile, redactOutput } from '../../src/snapshot/redact.ts';
import { masked } from '../../src/snapshot/snapshot-format.ts';

describe('what a file of a host keeps', () => {
  it.each([
    ['local.authldapbindcred = "canary"', `local.authldapbindcred = "${masked}"`],
    ['store.password=canary', `store.password=${masked}`],
    ['smtp.password: canary with blanks', `smtp.password: ${masked}`],
    ['a.password = "canary', `a.password = "${masked}`],
    ['a = "1" b.password = "canary" c = "2"', `a = "1" b.password = "${masked}" c = "2"`],
    ['own.url = "http://me:canary@host:80/x"', `own.url = "http://me:${masked}@host:80/x"`],
    ['a = "1" b.password = "canary', `a = "1" b.password = "${masked}`],
    ['a = b = c.password = canary"', `a = b = c.password = ${masked}"`],
    ['a = "b=c.password=canary" d = "e"', `a = "b=c.password=${masked}" d = "e"`],
    ['a.password = canary\u2028canary', `a.password = ${masked}`],
    ['a = "x\rb.password = canary', `a = "x\rb.password = ${masked}`],
    ['jdbc = "jdbc:mysql://h/db?user=me&password=canary"', `jdbc = "jdbc:mysql://h/db?user=me&password=${masked}"`],
    ['!local.authldapbindcred = "canary"', `!${masked}`],
    ['# the bind password is canary', `#${masked}`],
    [`! ${'Q'.repeat(44)}`, `! ${masked}`],
    ['a.password =\n"canary"', `a.password =\n"${masked}"`],
    ["a.password =\r\n  'canary' ", `a.password =\r\n  '${masked}' `],
    ['a.password: \n"it\'s a canary"', `a.password: \n"${masked}"`],
  ])('%s', (line, wanted) => {
    const { text, count } = redactFile(`${line}\r\nlocal.autoprovision = "yes"\n`);
    expect([text, count]).toEqual([`${wanted}\r\nlocal.autoprovision = "yes"\n`, 1]);
  });

  it.each([
    'service.http.idletimeout = "120"',
    'service.wcap.freebusy.redirecturl = "http://cs7:8080/davserver/wcap/get_freebusy.wcap"',
    'service.wcap.allowchangepassword = "no"',
    'example.com=http://cs6server.example.com:8080/ischedule/',
    'local.store.path = "/var/opt/SUNWics5/csdb/of/a/very/long/path/without/any/dots"',
    '! an ordinary comment',
    'caldb.serenity.passwordfile = "/etc/pw"',
    'store.password = ""',
  ])('%s, as it is', line => {
    expect(redactFile(line)).toEqual({ text: line, count: 0 });
  });

  it('the same keys in the same lines, with the same faults', () => {
    const text = [
      'a.password = "x" b = "1"',
      ' c.secret = "y"',
      'd.cred = z',
      'E.PASSWORD = "u"',
      'f = "1" trailing',
      'g.pwd = "open',
      'h = "last"',
      'i.pwd =',
      '"canary"',
      'j.pwd = "ca',
      'nary"',
      'k.pwd = "ca',
      'n=ary"',
      'l.pwd =',
      'm = "1"',
    ].join('\n');
    const shape = (conf: string) =>
      parseIcsConf(conf).map(({ line, assignments, problem }) => [line, assignments.map(({ key }) => key), problem]);
    const { text: redacted } = redactFile(text);
    expect(shape(redacted)).toEqual(shape(text));
    const value = (key: string) => effectiveValues(parseIcsConf(redacted)).get(key)?.value;
    expect(['b', 'h', 'm', 'a.password'].map(value)).toEqual(['1', 'last', '1', masked]);
    expect(redacted).not.toMatch(/canary|ary"/);
  });
});

describe('what a command printed', () => {
  it('has programs without their arguments', () => {
    const ps = [
      '  PID     ELAPSED COMMAND',
      '    1 12-03:04:05 /sbin/init splash',
      '  812       08:20 ./cshttpd -d 3 -p canary',
      '  900 -           <defunct>',
      '  901 <defunct>',
      'canary in a line of its own',
      '',
    ].join('\n');
    expect(redactOutput({ words: ['ps', '-e'] }, ps).text.split('\n')).toEqual([
      '  PID     ELAPSED COMMAND',
      '    1 12-03:04:05 /sbin/init',
      '  812       08:20 ./cshttpd',
      '  900 -           <defunct>',
      '  901 <defunct>',
      masked,
      '',
    ]);
  });

  it('has options without passwords, and calendars whole', () => {
    const listed = 'log.dav.commands.loglevel: INFO\nnotification.dav.smtppassword: canary\nstore.dav.x: \n';
    expect(redactOutput({ words: ['./davadmin', 'config'] }, listed)).toEqual({
      text: `log.dav.commands.loglevel: INFO\nnotification.dav.smtppassword: ${masked}\nstore.dav.x: \n`,
      count: 1,
    });
    const calendars = 'password:Team: owner=secret status=enabled\n1 calendar(s)\n';
    expect(redactOutput({ words: ['./cscal', 'list'] }, calendars)).toEqual({ text: calendars, count: 0 });
  });
});

describe('a line that is meant to take long', () => {
  /** How many characters regular expressions went over, whatever they found. */
  function workOf(text: string): number {
    let work = 0;
    const exec = RegExp.prototype.exec;
    const spy = vi.spyOn(RegExp.prototype, 'exec').mockImplementation(function (this: RegExp, input: string) {
      const from = this.global || this.sticky ? this.lastIndex : 0;
      const found = exec.call(this, input);
      work += 1 + (found ? found.index + found[0].length : input.length) - from;
      return found;
    });
    try {
      redactFile(text);
    } finally {
      spy.mockRestore();
    }
    return work;
  }

  it.each([
    ['values in values', '! a=', 'a='],
    ['values in values, and a secret at the end', 'x=', 'a=', 'password=canary'],
    ['values in quotes', '', 'a="b=c" '],
    ['quotes that nothing closes', '', 'a="'],
    ['blanks behind signs', '', 'a= \u00a0'],
    ['secrets without values', '', 'password="" '],
    ['secrets', '', 'password="x" '],
    ['a name without an end', '! ', 'a'],
    ['schemes without an end', '', 'http:'],
    ['users without a host', '', 'http://a:'],
    ['carriage returns', '', 'a=\r'],
  ])('%s: twice as long is no more than twice the work', (_, start, part, end = '') => {
    const [once, twice] = [1_000, 2_000].map(n => workOf(`${start}${part.repeat(n)}${end}`));
    expect(twice).toBeLessThan(2.2 * (once ?? 0));
    expect(twice).toBeLessThan(300 * (start.length + 2_000 * part.length));
  });

  it('a comment of 12 kB with values in values is read whole', () => {
    const line = `! ${'a='.repeat(6_000)}`;
    expect(redactFile(line)).toEqual({ text: `! ${masked}`, count: 1 });
    expect(redactFile(`${'a='.repeat(500_000)}password=canary`).count).toBe(1);
  });
});
