import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { writeCommonJs } from './common-js.mjs';
import { compileCode } from './compile-code.mjs';
import { compileSchemas, withCompiledSchemas } from './schemas.mjs';
import { billOfMaterials, bundledPackages, notices } from './third-party.mjs';

/**
 * Makes `dist/`, the package that is published. It needs nothing but Node: all libraries are in the bundle.
 *
 *     package.json  reconcile.cjs                the package, and its command
 *     lib/*.cjs  *.cjs.map.gz                    the bundle: main.cjs, and chunks that are loaded when needed
 *     lib/compiled-*.bin                         their code, as the Node compiles it that makes the package
 *     lib/cs6-*.cjs  lib/cs7-*.cjs               the stand-ins of the rehearsal
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

/** Where the bundler writes ES modules, which are rewritten for `dist/lib`. */
const modules = 'node_modules/.cache/reconcile-build/modules';

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

/**
 * Modules that few runs call, though they are imported where many come by: the widths of characters beyond ASCII, which cost
 * more than all the rest of a start, CSV, SFTP, and keys with a passphrase. By the name of the export; a module that is required
 * is one that the bundler runs at the first call.
 */
const lateModules = {
  'string-width': ['default', '(...asked) => load().default(...asked)'],
  'csv-parse/sync': ['parse', '(...asked) => load().parse(...asked)'],
  'bcrypt-pbkdf': ['pbkdf', '(...asked) => load().pbkdf(...asked)'],
  './protocol/SFTP.js': ['SFTP', 'function (...asked) { return new (load().SFTP)(...asked); }'],
};

const withLateModules = {
  name: 'with-late-modules',
  setup(bundler) {
    bundler.onResolve({ filter: /^(string-width|csv-parse\/sync|bcrypt-pbkdf|\.\/protocol\/SFTP\.js)$/ }, asked =>
      asked.namespace === 'late' ? undefined : { path: asked.path, namespace: 'late', pluginData: asked.resolveDir },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'late' }, ({ path, pluginData: resolveDir }) => {
      const [name, call] = lateModules[path];
      const contents = `const load = () => require(${JSON.stringify(path)}); const call = ${call}; export { call as ${name} };`;
      return { contents, resolveDir };
    });
  },
};

/** ssh2 loads its server, its agents over HTTP and its key generator with the client; here each of them when it is asked for. */
const withSlimSsh = {
  name: 'with-slim-ssh',
  setup(bundler) {
    const members = {
      Client: "require('./client.js')",
      Server: "require('./server.js')",
      createAgent: "require('./agent.js').createAgent",
      utils:
        "{ parseKey: require('./protocol/keyParser.js').parseKey, get generateKeyPairSync() { return require('./keygen.js').generateKeyPairSync; } }",
    };
    const getters = Object.entries(members).map(([name, value]) => `get ${name}() { return ${value}; }`);
    // A minified class has another name. Without this, a server dies with a connection on which a session runs nothing yet.
    bundler.onLoad({ filter: /[\\/]ssh2[\\/]lib[\\/]utils\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const byName = "channel.constructor.name === 'Session'";
      if (!text.includes(byName)) throw new Error(`${path} tells sessions apart in another way`);
      return { contents: text.replace(byName, 'channel._chanInfo !== undefined') };
    });
    bundler.onLoad({ filter: /[\\/]ssh2[\\/]lib[\\/]index\.js$/ }, () => ({
      contents: `module.exports = { ${getters.join(', ')} };`,
    }));
  },
};

function bundle() {
  return build({
    entryPoints: { main: 'src/main.ts' },
    outdir: modules,
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
    sourcemap: 'linked',
    sourcesContent: false,
    // ssh2 looks there for a program for Windows, and for WebAssembly that it carries inside.
    define: { __dirname: '"/"', __filename: '"/bundle.js"' },
    plugins: [withoutNative, withCompiledSchemas, withLateModules, withSlimSsh],
    metafile: true,
    logLevel: 'warning',
  });
}

/** One file each, and not as ES modules: half of what such a short process costs would be loading. */
function bundleStandIns() {
  return build({
    entryPoints: Object.fromEntries(standIns.map(name => [name.replace('/', '-'), `src/lab/${name}.ts`])),
    outdir: 'dist/lib',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    tsconfigRaw: {},
    minify: true,
    legalComments: 'none',
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
    metafile: true,
    logLevel: 'warning',
  });
}

/**
 * Source maps lead to our own sources: a chunk that has none, only libraries, needs no map. They are packed, because only a mistake
 * of the program reads them.
 */
function packMaps({ outputs }, written) {
  const inputsOf = Object.entries(outputs).map(([path, { inputs }]) => [basename(path, '.js'), Object.keys(inputs)]);
  const own = new Set(inputsOf.flatMap(([name, from]) => (from.some(path => path.startsWith('src/')) ? [name] : [])));
  for (const file of written) {
    if (own.has(basename(file, '.cjs')))
      writeFileSync(`${file}.map.gz`, gzipSync(readFileSync(`${file}.map`), { level: 9 }));
    rmSync(`${file}.map`);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n$/, '\n'));
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
rmSync(modules, { recursive: true, force: true });
// Not in the package of the working copy: there a default import would mean something else.
mkdirSync(modules, { recursive: true });
writeFileSync(`${modules}/package.json`, '{}');
const [{ metafile }, standInsMade, ofSchemas] = await Promise.all([
  bundle(),
  bundleStandIns(),
  compileSchemas('dist/lib'),
]);
packMaps(metafile, await writeCommonJs(modules, 'dist/lib'));
const manifest = manifestOf(JSON.parse(readFileSync('package.json', 'utf8')));
const packages = bundledPackages([metafile, standInsMade.metafile, ...ofSchemas]);
write('package.json', manifest);
write('THIRD-PARTY-NOTICES.txt', notices(packages));
write('sbom.cdx.json', billOfMaterials(manifest, packages));
cpSync('build/reconcile.cjs', 'dist/reconcile.cjs');
const { code } = await transform(readFileSync('build/compiled-code.cjs', 'utf8'), { minify: true });
write('lib/compiled-code.cjs', code);
chmodSync('dist/reconcile.cjs', 0o755);
for (const name of ['schemas', 'examples', 'docs', 'LICENSE', 'README.md'])
  cpSync(name, `dist/${name}`, { recursive: true });
await Promise.all([writePages(), compileCode('dist/lib')]);
