import { describe, expect, it } from 'vitest';
import { readingFaults } from '../tools/readability.ts';
import { written } from './pages.ts';

describe('plain English', () => {
  it.each(written)('$path', ({ text }) => {
    expect(readingFaults(text)).toEqual([]);
  });
});
