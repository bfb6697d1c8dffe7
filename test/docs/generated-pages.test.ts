import { expect, it } from 'vitest';
import { estateSchema } from '../kinds/cases.ts';
import { findingPage } from './finding-page.ts';
import { keyPage } from './key-page.ts';

/** `npx vitest run test/docs -u` writes the pages anew. */
it('docs/estate-file.md is what the schema says', async () => {
  await expect(keyPage(estateSchema)).toMatchFileSnapshot('../../docs/estate-file.md');
});

it('docs/findings.md is what the catalogue says', async () => {
  await expect(findingPage()).toMatchFileSnapshot('../../docs/findings.md');
});
