import { rmSync } from 'node:fs';

// GitHub hands the line `key=…` that main.mjs wrote to GITHUB_STATE over as this variable.
const key = process.env.STATE_key;
if (key) rmSync(key, { force: true });
