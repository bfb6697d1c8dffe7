import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** What Node says of a CommonJS module in place of `import.meta.url`. */
const moduleUrl = {
  name: 'module-url',
  contents: "export const moduleUrl = /* @__PURE__ */ (() => require('node:url').pathToFileURL(__filename).href)();",
};

/**
 * Writes the modules of a folder, which the bundler made, as CommonJS, which Node loads in a third of the processor time; those
 * named `programs` await at their top, which CommonJS cannot, and stay ES modules. Returns the files.
 */
export async function writeCommonJs(folder, programs, outdir) {
  const modules = readdirSync(folder).flatMap(name => (name.endsWith('.js') ? [join(folder, name)] : []));
  const isProgram = path => programs.includes(basename(path, '.js'));
  const shared = { outdir, bundle: true, platform: 'node', target: 'node20.19', minify: true, metafile: true };
  const asWritten = { ...shared, sourcemap: 'linked', sourcesContent: false, legalComments: 'none', logLevel: 'error' };
  const written = await Promise.all([
    build({
      ...asWritten,
      entryPoints: modules.filter(path => !isProgram(path)),
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      supported: { 'dynamic-import': false },
      define: { 'import.meta.url': 'moduleUrl' },
      inject: [moduleUrl.name],
      plugins: [besideEachOther(isProgram)],
    }),
    build({
      ...asWritten,
      entryPoints: modules.filter(isProgram),
      format: 'esm',
      banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
      plugins: [besideEachOther(isProgram)],
    }),
  ]);
  return written.flatMap(({ metafile }) => Object.keys(metafile.outputs).filter(path => !path.endsWith('.map')));
}

/** Each module of the folder stays a file of its own, and imports the others from where they are written. */
function besideEachOther(isProgram) {
  return {
    name: 'beside-each-other',
    setup(bundler) {
      bundler.onResolve({ filter: /^\.\/[\w-]+\.js$/ }, ({ path }) => ({
        path: isProgram(path) ? path : path.replace(/\.js$/, '.cjs'),
        external: true,
      }));
      bundler.onResolve({ filter: /^module-url$/ }, ({ path }) => ({ path, namespace: 'made' }));
      bundler.onLoad({ filter: /^module-url$/, namespace: 'made' }, () => ({ contents: moduleUrl.contents }));
    },
  };
}
