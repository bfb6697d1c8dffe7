import { readFileSync } from 'node:fs';

const read = (name: string): object => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'));

/** What parts are checked against. */
export const partSchemas = { part: read('part'), plan: read('plan') };
