import { describe, expect, it } from 'vitest';
import { readingFaults } from '../tools/readability.ts';
import { pages } from './pages.ts';

describe('plain English', () => {
  it.each(pages)('$path', ({ text }) => {
    expect(readingFaults(text)).toEqual([]);
  });
});
