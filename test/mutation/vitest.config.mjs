import { defineConfig } from 'vitest/config';
import { tests } from './sets.mjs';

/** The tests that a set of mutated modules is held against; without servers, projects and reporters. */
export default defineConfig({ test: { include: tests, testTimeout: 60_000 } });
