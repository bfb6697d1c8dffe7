import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { commandFragment, fileFragment, requestScript } from '../../../src/adapters/ssh/read-script.ts';
import { cksum } from '../../../src/adapters/ssh/shell-words.ts';
import { AnswerStream } from '../../../src/lab/embedded/run-command.ts';
import { createTreePaths } from '../../../src/lab/embedded/tree-paths.ts';
import { temporaryFolder } from './support.ts';

const NONCE = 'f00dfeedf00dfeedf00dfeed';

function tree(name = 'host-1'): string {
  const folder = join(temporaryFolder(), name);
  mkdirSync(folder);
  return folder;
}

/** What comes out when it goes in cut at these places. */
async function through(own: string, input: Buffer, cuts: readonly number[], nonce?: string): Promise<Buffer> {
  const stream = new AnswerStream(createTreePaths(own), nonce);
  const all = buffer(stream);
  let start = 0;
  for (const cut of [...cuts, input.length]) {
    stream.write(input.subarray(start, cut));
    start = cut;
  }
  stream.end();
  return all;
}

describe('paths on their way to the tree', () => {
  it('are replaced where they are paths of the host and nowhere else', () => {
    const own = tree();
    const { toTree } = createTreePaths(own);
    const same = [
      '/usr/opt/x',
      './opt/x',
      '/etc/optional',
      '/optimal',
      'var/opt',
      '/etc',
      '$HOME/opt',
      '/opt.old',
      '~/opt',
    ];
    for (const text of same) expect(toTree(`cat ${text}`)).toBe(`cat ${text}`);
    expect(toTree('cat \'/etc/opt/a b\' "/opt" </var/opt/x PATH=/opt/bin:/var/opt/y `ls /opt`')).toBe(
      `cat '${own}/etc/opt/a b' "${own}/opt" <${own}/var/opt/x PATH=${own}/opt/bin:${own}/var/opt/y \`ls ${own}/opt\``,
    );
    expect(toTree("/bin/sh -c 'cp -p '\\''/etc/opt/f'\\'' x'")).toBe(`/bin/sh -c 'cp -p '\\''${own}/etc/opt/f'\\'' x'`);
  });

  it('leave the words of a program of the host alone, which may be values that are stored', () => {
    const own = tree();
    const command = {
      words: ['./davadmin', 'config', '-v', '/var/opt/logs'],
      directories: ['/opt/sun/comms/davserver/sbin'],
      environment: { DAVADMIN_CLIFILE: "/etc/opt/it's" },
    };
    const script = createTreePaths(own).toTree(
      requestScript([commandFragment(command), fileFragment('/opt/f')], NONCE),
    );
    expect(script).toContain(`'-v' '/var/opt/logs'`);
    expect(script).toContain(`DAVADMIN_CLIFILE='/etc/opt/it'\\''s'`);
    expect(script).toContain(`rcl_try '0' './davadmin' '${own}/opt/sun/comms/davserver/sbin'`);
    expect(script).toContain(`rcl_file '${own}/opt/f' '${own}/opt' '/'`);
  });

  it('need a tree with a plain name', () => {
    expect(() => createTreePaths(join(temporaryFolder(), 'my host'))).toThrow(/plain name/);
  });
});

describe('paths on their way back', () => {
  it('are those of the host, however they are cut', async () => {
    const own = tree();
    const text = `at ${own}/etc/opt: ${own}\n${own}/opt/x${own}/y (${own}0/opt) ${own}-2 pwd=${own}`;
    const wanted = `at /etc/opt: /\n/opt/x${own}/y (${own}0/opt) ${own}-2 pwd=/`;
    for (let cut = 0; cut <= text.length; cut += 1)
      expect((await through(own, Buffer.from(text), [cut])).toString()).toBe(wanted);
    const everywhere = Array.from({ length: text.length }, (_, at) => at);
    expect((await through(own, Buffer.from(text), everywhere)).toString()).toBe(wanted);
  });

  it('are found under the resolved name of the tree too', async () => {
    const own = tree();
    const link = `${own}-link`;
    symlinkSync(own, link);
    const text = `${own}/etc/opt ${link}/opt\n`;
    expect((await through(link, Buffer.from(text), [3])).toString()).toBe('/etc/opt /opt\n');
  });

  it('stay as they are in the content of a file, however it is cut', async () => {
    const own = tree();
    const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const content = Buffer.concat([Buffer.from(`${own}/opt\n@other 0 data\n@${NONCE.slice(0, 20)} ${own}`), binary]);
    const before = `@${NONCE} - start 12\n@${NONCE} 0 file plain\n${own}/etc/opt\n${cksum(content)}\n@${NONCE} 0 data\n`;
    const after = `\n@${NONCE} 0 end\n${cksum(content)}\n@${NONCE} 1 run 0\n${own}/x\n@${NONCE} - done\n`;
    const input = Buffer.concat([Buffer.from(before), content, Buffer.from(after)]);
    const back = (text: string) => Buffer.from(text.replaceAll(own, ''));
    const wanted = Buffer.concat([back(before), content, back(after)]);
    for (let cut = 0; cut <= input.length; cut += 1)
      expect((await through(own, input, [cut], NONCE)).equals(wanted), `cut at ${cut}`).toBe(true);
    expect(
      (
        await through(
          own,
          input,
          Array.from({ length: input.length }, (_, at) => at),
          NONCE,
        )
      ).equals(wanted),
    ).toBe(true);
  });

  it('do not wait for what will not come: a prompt, the last line', async () => {
    const own = tree();
    const stream = new AnswerStream(createTreePaths(own), NONCE);
    const seen: string[] = [];
    stream.on('data', chunk => seen.push(String(chunk)));
    stream.write('Password:');
    stream.write(`@${NONCE} - done\n`);
    await new Promise(resolve => setImmediate(resolve));
    expect(seen).toEqual(['Password:', `@${NONCE} - done\n`]);
  });
});
