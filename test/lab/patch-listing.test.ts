import { expect, it } from 'vitest';
import { renderPatches } from '../../src/lab/system-commands.ts';
import { cs6Host } from './rehearsal-host.ts';

it('Solaris lists the revisions of its core patch, newest not last', async () => {
  const host = await cs6Host({ platform: 'solaris-x86', patch: 44 });
  const { code, stdout } = await host.run('/opt/lab/bin/showrev', ['-p']);
  expect(code).toBe(0);
  expect(
    [...stdout.matchAll(/^Patch: (121658-\d+) Obsoletes: .*Packages: SUNWics5, SUNWica5$/gm)].map(one => one[1]),
  ).toEqual(['121658-44', '121658-17', '121658-9', '121658-37']);
  expect(await host.run('/opt/lab/bin/patchadd', ['-p'])).toMatchObject({ stdout });
  expect(await host.run('/opt/lab/bin/patchadd', ['-x'])).toMatchObject({ code: 1 });
  expect(host.exists('/opt/lab/bin/rpm')).toBe(false);
});

it('an unpatched host lists none', () => {
  expect(renderPatches('solaris-sparc', undefined)).not.toMatch(/^Patch: 121657-/m);
  expect(renderPatches('solaris-sparc', 9).match(/^Patch: 121657-\d+ /gm)).toEqual(['Patch: 121657-9 ']);
});

it('Red Hat knows packages only', async () => {
  const host = await cs6Host({ platform: 'redhat' });
  expect(await host.run('/opt/lab/bin/rpm', ['-q', 'sun-calendar-server'])).toEqual({
    code: 0,
    stdout: 'sun-calendar-server-6.3-11.01\n',
    stderr: '',
  });
  expect(await host.run('/opt/lab/bin/rpm', ['-q', 'sun-davserver'])).toMatchObject({
    code: 1,
    stdout: 'package sun-davserver is not installed\n',
  });
  expect(host.exists('/opt/lab/bin/showrev')).toBe(false);
});
