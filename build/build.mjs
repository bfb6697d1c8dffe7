import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Makes `dist/`, the package that is published. It needs nothing but Node: all libraries are in the bundle.
 *
 *     dist/package.json reconcile.cjs       the package and its command
 *     dist/lib/*.js *.js.map                the bundle: main.js, the stand-ins of the rehearsal, and chunks that are loaded when needed
 *     dist/schemas/ examples/               as in the working copy
 */

chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Programs of the rehearsal that run as processes of their own. */
const standIns = ['cs6/cscal', 'cs6/csexport', 'cs6/cshttpd', 'cs6/start-cal', 'cs6/stop-cal'].concat([
  'cs7/asadmin',
  'cs7/davadmin',
  'cs7/java',
]);

/** Native parts: ssh2 and its cipher library do without them, more slowly for some old ciphers. */
const withoutNative = {
  name: 'without-native',
  setup(bundler) {
    bundler.onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, namespace: 'native' }));
    bundler.onLoad({ filter: /.*/, namespace: 'native' }, () => ({
      contents: 'throw new Error("native parts are not in this package")',
    }));
  },
};

function bundle() {
  return build({
    entryPoints: Object.fromEntries([
      ['main', 'src/main.ts'],
      ...standIns.map(name => [name.replace('/', '-'), `src/lab/${name}.ts`]),
    ]),
    outdir: 'dist/lib',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // ES modules where a library has both: a CommonJS one that is imported when needed would lose the names of its exports.
    mainFields: ['module', 'main'],
    // The paths of tsconfig.json are for types only.
    tsconfigRaw: {},
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    // ssh2 looks there for a program for Windows, and for WebAssembly that it carries inside.
    define: { __dirname: '"/"', __filename: '"/bundle.js"' },
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    plugins: [withoutNative],
    metafile: true,
    logLevel: 'warning',
  });
}

function writeManifest() {
  const { version, description, license, engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const manifest = {
    name: 'calendar-reconcile',
    version,
    description,
    license,
    type: 'module',
    engines,
    bin: { reconcile: 'reconcile.cjs' },
  };
  writeFileSync('dist/package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
}

rmSync('dist', { recursive: true, force: true });
await bundle();
writeManifest();
for (const name of ['schemas', 'examples', 'LICENSE', 'README.md']) cpSync(name, `dist/${name}`, { recursive: true });
cpSync('build/reconcile.cjs', 'dist/reconcile.cjs');
// Apart from the launcher: the oldest Node stumbles over the mere word import.
writeFileSync('dist/lib/start.cjs', "import('./main.js');\n");
chmodSync('dist/reconcile.cjs', 0o755);
