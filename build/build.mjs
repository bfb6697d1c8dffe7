import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { compileSchemas, withCompiledSchemas } from './schemas.mjs';
import { billOfMaterials, bundledPackages, notices } from './third-party.mjs';

/**
 * Makes `dist/`, the package that is published. It needs nothing but Node: all libraries are in the bundle.
 *
 *     package.json  reconcile.cjs                the package, and its command
 *     lib/*.js  *.js.map                         the bundle: main.js, the stand-ins of the rehearsal, chunks that are loaded when needed
 *     reconcile.1  completions/                  the manual page; completion of bash, zsh (_reconcile) and fish
 *     schemas/  examples/  docs/  README.md  LICENSE    as in the working copy
 *     THIRD-PARTY-NOTICES.txt  sbom.cdx.json     what is in the bundle, and under which licences
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
    plugins: [withoutNative, withCompiledSchemas],
    metafile: true,
    logLevel: 'warning',
  });
}

/** Source maps lead to our own sources: a chunk that has none, only libraries, needs no map. */
function removeForeignMaps({ outputs }) {
  for (const [path, { inputs }] of Object.entries(outputs)) {
    if (!path.endsWith('.js') || Object.keys(inputs).some(input => input.startsWith('src/'))) continue;
    rmSync(`${path}.map`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n$/, '\n'));
  }
}

/** Of the package that is published; `private`, scripts and dependencies are those of the working copy only. */
function manifestOf({ version, description, keywords, license, repository, homepage, bugs, engines }) {
  return {
    name: 'calendar-reconcile',
    ...{ version, description, keywords, license, repository, homepage, bugs },
    type: 'module',
    engines,
    bin: { reconcile: 'reconcile.cjs' },
    man: ['reconcile.1'],
  };
}

function write(name, content) {
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`;
  writeFileSync(`dist/${name}`, text);
}

/** What the program prints of itself: the manual page and the completions. */
async function writePages() {
  const pages = [
    ['reconcile.1', 'man'],
    ['completions/reconcile.bash', 'completion', 'bash'],
    ['completions/_reconcile', 'completion', 'zsh'],
    ['completions/reconcile.fish', 'completion', 'fish'],
  ];
  mkdirSync('dist/completions');
  await Promise.all(
    pages.map(async ([name, ...words]) => {
      const { stdout } = await promisify(execFile)(process.execPath, ['dist/reconcile.cjs', ...words]);
      write(name, stdout);
    }),
  );
}

rmSync('dist', { recursive: true, force: true });
const [{ metafile }, ofSchemas] = await Promise.all([bundle(), compileSchemas('dist/lib')]);
removeForeignMaps(metafile);
const manifest = manifestOf(JSON.parse(readFileSync('package.json', 'utf8')));
const packages = bundledPackages([metafile, ...ofSchemas]);
write('package.json', manifest);
write('THIRD-PARTY-NOTICES.txt', notices(packages));
write('sbom.cdx.json', billOfMaterials(manifest, packages));
// Apart from the launcher: the oldest Node stumbles over the mere word import.
write('lib/start.cjs', "import('./main.js');\n");
cpSync('build/reconcile.cjs', 'dist/reconcile.cjs');
chmodSync('dist/reconcile.cjs', 0o755);
for (const name of ['schemas', 'examples', 'docs', 'LICENSE', 'README.md'])
  cpSync(name, `dist/${name}`, { recursive: true });
await writePages();
