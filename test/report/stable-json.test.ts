import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What the schemas promise to readers: what is recorded here of a format stays as it is. A new format gets a new record. */
interface Schema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly const?: unknown;
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schemaOf = (name: string): Schema => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'));

/** Every field of a schema with its type, such as `$defs/step/changes array`; words of a list one by one. */
function fieldsOf(schema: Schema, path: string): readonly string[] {
  const { properties = {}, items, $defs = {} } = schema;
  const own =
    schema.$ref?.split('/').at(-1) ??
    schema.type ??
    (schema.const === undefined ? 'any' : JSON.stringify(schema.const));
  return [
    `${path} ${schema.enum ? 'word' : String(own)}`,
    ...(schema.enum ?? []).map(word => `${path} = ${word}`),
    ...Object.entries(properties).flatMap(([name, part]) => fieldsOf(part, `${path}/${name}`)),
    ...(items ? fieldsOf(items, `${path}[]`) : []),
    ...Object.entries($defs)
      .filter(([name]) => name !== 'desired')
      .flatMap(([name, part]) => fieldsOf(part, `${path}#${name}`)),
  ];
}

it.each(['plan', 'report'])('the format of a %s keeps what was published of it', name => {
  const schema = schemaOf(name);
  const record = readFileSync(`test/report/golden/${schema.$id?.replaceAll(':', '-')}.txt`, 'utf8');
  const fields = fieldsOf(schema, name);
  const published = record.split('\n').slice(0, -1);
  expect(published.length).toBeGreaterThan(50);
  expect(published.filter(field => !fields.includes(field))).toEqual([]);
});
