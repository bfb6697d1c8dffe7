import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { expect, it } from 'vitest';

/** The container file, by the validator that editors use. It is not built here: there is no registry to take the image from. */
const text = readFileSync('examples/ci/container/Containerfile', 'utf8');
const problems = (content: string) => validate(content).map(({ message }) => message);

it('is accepted', () => {
  expect(problems(text)).toEqual([]);
  expect(problems(text.replace('ENTRYPOINT', 'ENTRYPOINTS'))).not.toEqual([]);
});

it('names its image by a whole version and a digest, and runs as a user that is not root', () => {
  expect([...text.matchAll(/^FROM (\S+)/gm)].map(match => match[1])).toEqual([
    expect.stringMatching(/^node:\d+\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/),
  ]);
  expect(text.slice(text.lastIndexOf('FROM'))).toMatch(/^USER node$/m);
});

it('says of the image what it is', () => {
  const { version, license } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(text).toMatch(new RegExp(`^ARG VERSION=${version}$`, 'm'));
  const labels = ['title', 'description', 'licenses', 'version', 'revision', 'base.name'];
  for (const label of labels) expect(text).toMatch(new RegExp(`org\\.opencontainers\\.image\\.${label}="[^"]+"`));
  expect(text).toContain(`licenses="${license}"`);
  const [, base = ''] = /^FROM (\S+)@/m.exec(text) ?? [];
  expect(text).toContain(`base.name="docker.io/library/${base}"`);
});
