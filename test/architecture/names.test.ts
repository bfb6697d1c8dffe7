import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stages } from '../../src/core/stages.ts';

/** What a stage or a kind is, its table, its kinds and its product say; nothing else asks for it by name. */
const rooms = ['core/stages.ts', 'kinds/', 'products/'];

const kinds = readdirSync('src/kinds', { withFileTypes: true })
  .filter(entry => entry.isDirectory() && entry.name !== 'shared')
  .map(({ name }) => name);

/** Names that are words of their own elsewhere: they count on a line that is about stages. */
const common = new Set(['check', 'identity', 'accounts']);

const names = [...stages.map(({ stage }) => stage as string), ...kinds];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  file => file.endsWith('.ts') && !rooms.some(room => file.startsWith(room)),
);

describe('the name of a stage or a kind', () => {
  it.each(files)('is not asked for in %s', file => {
    const lines = readFileSync(join('src', file), 'utf8')
      .split('\n')
      .filter(line => !/^\s*(?:\/\*\*|\*|\/\/)/.test(line));
    const asked = lines.flatMap(line =>
      names.filter(name => line.includes(`'${name}'`) && (!common.has(name) || /stage/i.test(line))),
    );
    expect(asked).toEqual([]);
  });
});
