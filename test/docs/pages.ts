import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every page of the documentation, as a path from the top of the repository. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => join('docs', file))
    .toSorted(),
];
