import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { schemaNames } from '../../src/cli/options.ts';
import { reconcile } from '../e2e/cli.ts';

it.each(schemaNames)('schema %s prints what is shipped', async name => {
  const { stdout } = await reconcile(['schema', name], {});
  expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')));
});

it('every schema can be printed', () => {
  const shipped = readdirSync('schemas').map(file => file.replace('.schema.json', ''));
  expect(shipped.toSorted()).toEqual([...schemaNames].toSorted());
});
