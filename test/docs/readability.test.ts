import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readingFaults } from '../tools/readability.ts';
import { pages } from './pages.ts';

describe('plain English', () => {
  it.each(pages)('%s', page => {
    expect(readingFaults(readFileSync(page, 'utf8'))).toEqual([]);
  });
});
