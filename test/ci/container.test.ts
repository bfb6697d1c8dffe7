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

it('names its image by a whole version, and runs as a user that is not root', () => {
  expect([...text.matchAll(/^FROM (\S+)/gm)].map(match => match[1])).toEqual([
    expect.stringMatching(/^node:\d+\.\d+\.\d+-/),
  ]);
  expect(text.slice(text.lastIndexOf('FROM'))).toMatch(/^USER node$/m);
});
