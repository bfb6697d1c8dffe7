import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * The packages that bundles have code of, from the bundler's lists of its inputs: a lock file says what is installed, which is
 * more in one place and, with development packages left out, less in another.
 */
export function bundledPackages(metafiles) {
  const paths = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(paths.flatMap(path => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  const { packages: locked } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return [...folders]
    .sort()
    .map(folder => ({ ...factsOf(folder), licenceText: licenceText(folder), integrity: locked[folder].integrity }));
}

function factsOf(folder) {
  const { name, version, license, licenses, repository } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const licence = license ?? licenses?.[0]?.type;
  if (licence === undefined) throw new Error(`${name} names no licence`);
  return { name, version, licence, source: sourceOf(repository?.url ?? repository) };
}

/** `github:owner/name`, `owner/name` and `git+https://….git` as an address for a browser. */
function sourceOf(repository) {
  const path = repository
    ?.replace(/^github:/, '')
    .replace(/^(?:git\+)?(?:https?|ssh|git):\/\/(?:git@)?github\.com\//, '');
  return path === undefined ? undefined : `https://github.com/${path.replace(/\.git$/, '')}`;
}

/** The text of a licence; `licences/` has those of packages that come without. */
function licenceText(folder) {
  const file = readdirSync(folder).find(name => /^licen[cs]e/i.test(name));
  const own = `build/licences/${folder.split('/').at(-1)}.txt`;
  if (file === undefined && !existsSync(own)) throw new Error(`${folder} has no text of its licence: write ${own}`);
  return readFileSync(file === undefined ? own : `${folder}/${file}`, 'utf8').trim();
}

/** The notices that the licences ask for: every package, and every text of a licence once. */
export function notices(packages) {
  const texts = [...new Set(packages.map(({ licenceText }) => licenceText))];
  const sections = texts.map(text => {
    const some = packages.filter(({ licenceText }) => licenceText === text);
    const lines = some.map(({ name, version, licence, source }) =>
      `${name} ${version} (${licence}) ${source ?? ''}`.trimEnd(),
    );
    return `${'='.repeat(80)}\n${lines.join('\n')}\n${'-'.repeat(80)}\n${text}\n`;
  });
  return `The bundle in lib/ has code of these packages, unchanged but for being bundled and minified. The source of
each is at the address beside it.

${sections.join('\n')}`;
}

/** What the package consists of, as CycloneDX 1.5; without a time or a random number, so that the same source gives the same bytes. */
export function billOfMaterials({ name, version, description, license }, packages) {
  const root = component({ name, version, licence: license });
  const components = packages.map(component);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { lifecycles: [{ phase: 'build' }], component: { ...root, type: 'application', description } },
    components,
    dependencies: [
      { ref: root['bom-ref'], dependsOn: components.map(one => one['bom-ref']) },
      ...components.map(one => ({ ref: one['bom-ref'] })),
    ],
  };
}

function component({ name, version, licence, source, integrity }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const [, digest] = integrity?.match(/^sha512-(.*)$/) ?? [];
  return {
    'bom-ref': purl,
    type: 'library',
    name,
    version,
    licenses: [{ license: { id: licence } }],
    purl,
    ...(digest && { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }),
    ...(source && { externalReferences: [{ type: 'vcs', url: source }] }),
  };
}
