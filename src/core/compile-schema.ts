import { _, Ajv2020, type CodeOptions, type KeywordCxt, type Options, type ValidateFunction } from 'ajv/dist/2020.js';

/** What the schemas need beside `strict`, by the name in their `$id`. */
const own: Readonly<Record<string, Options>> = {
  estate: {
    allErrors: true,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
    passContext: true,
    // That the schema is one is a test's affair.
    meta: false,
    validateSchema: false,
  },
  snapshot: { discriminator: true },
  record: { discriminator: true },
};

/** What `validate` may be called with as its `this`: JSON pointers of the values that the schema marks with `x-env` are added. */
export interface SchemaContext {
  readonly environmentPlaces: Set<string>;
}

/**
 * Compiles a schema that is shipped with the program; `others` are those that it refers to. This takes far longer than a check:
 * in the package the build has put the compiled schemas in the place of this module.
 */
export function compileSchema<T>(schema: object, others: readonly object[] = []): ValidateFunction<T> {
  const known = compiled.get(schema);
  if (known) return known as ValidateFunction<T>;
  // Code that runs once need not be terse.
  const made = ajvFor(schema, others, { optimize: false }).compile<T>(checkedPart(schema));
  compiled.set(schema, made);
  return made;
}

const compiled = new WeakMap<object, ValidateFunction>();

/**
 * A schema without what only people and editors read. Names that a map with free names knows are among it: each is described and
 * takes the same values as any other. The code that a schema is compiled to has all that it was compiled from.
 */
export function checkedPart(schema: object): object {
  const isFree = 'additionalProperties' in schema && typeof schema.additionalProperties === 'object';
  const parts = Object.entries(schema).filter(([key, part]) => {
    if (key === 'title' || key === 'deprecationMessage') return typeof part !== 'string';
    if (key === 'examples' || key === 'defaultSnippets') return !Array.isArray(part);
    return !isFree || (key !== 'properties' && key !== 'patternProperties');
  });
  return Object.fromEntries(parts.map(([key, part]) => [key, Array.isArray(part) ? part.map(checked) : checked(part)]));
}

function checked(part: unknown): unknown {
  return typeof part === 'object' && part !== null && !Array.isArray(part) ? checkedPart(part) : part;
}

/** What a schema is compiled with. */
export function ajvFor(schema: object, others: readonly object[], code: CodeOptions): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, schemas: [...others], code, ...own[schemaName(schema)] });
  ajv.addKeyword({ keyword: 'x-env', schemaType: 'boolean', code: collectPlace });
  ajv.addKeyword({ keyword: 'x-secret', schemaType: 'boolean' });
  return ajv;
}

/** `estate` of the schema with the `$id` `urn:reconcile:estate:1`. */
export function schemaName(schema: object): string {
  return ('$id' in schema ? String(schema.$id) : '').split(':')[2] ?? '';
}

/** As code, so that the build can write it out: it cannot write out a function. */
function collectPlace({ schema, gen, it }: KeywordCxt): void {
  if (schema === true)
    gen.code(_`if (this && this.environmentPlaces) this.environmentPlaces.add(instancePath + ${it.errorPath})`);
}
