import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

const compiler = 'src/core/compile-schema.ts';

/** The schemas that the program checks files with, each with those that it refers to. */
const schemas = { estate: [], plan: [], part: ['plan'], snapshot: [], record: [], desired: ['plan'] };

/** Puts schemas that are compiled already in the place of the module that compiles them; each is loaded when it is needed. */
export const withCompiledSchemas = {
  name: 'with-compiled-schemas',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]core[\\/]compile-schema\.ts$/ }, () => ({
      contents: `
        import { createRequire } from 'node:module';
        const load = createRequire(import.meta.url);
        export const schemaName = schema => schema.$id.split(':')[2];
        export const compileSchema = schema => load('./' + schemaName(schema) + '-schema.cjs');
      `,
    }));
  },
};

/** Writes the schemas of a folder as functions: `estate-schema.cjs` and so on. Returns what the bundler read for them. */
export async function compileSchemas(folder) {
  const { ajvFor, checkedPart } = await import(pathToFileURL(await builtCompiler()).href);
  const read = name => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'));
  const built = Object.entries(schemas).map(([name, others]) => {
    const ajv = ajvFor(read(name), others.map(read), { source: true, lines: false });
    const code = standaloneCode.default(ajv, ajv.compile(checkedPart(read(name))));
    return bundled(`${folder}/${name}-schema.cjs`, code);
  });
  return (await Promise.all(built)).map(({ metafile }) => metafile);
}

/** The module that knows how each schema is compiled, in the language of Node. */
async function builtCompiler() {
  const outfile = resolve('node_modules/.cache/reconcile-build/compile-schema.mjs');
  const options = { entryPoints: [compiler], bundle: true, format: 'esm', platform: 'node', packages: 'external' };
  await build({ ...options, tsconfigRaw: {}, outfile });
  return outfile;
}

function bundled(outfile, contents) {
  const stdin = { contents, resolveDir: resolve('.'), loader: 'js' };
  return build({
    stdin,
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    minify: true,
    metafile: true,
  });
}
