import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Who may import whom. Folders are named by their first part below src; `node:` modules that only compute
 * (crypto, path, util) are allowed everywhere, all others only where the outside world is spoken to.
 */
const table: Readonly<Record<string, { readonly own: readonly string[]; readonly packages: readonly string[] }>> = {
  core: { own: ['core'], packages: ['ajv'] },
  findings: { own: ['core', 'findings'], packages: [] },
  ldap: { own: ['core', 'ldap'], packages: [] },
  ports: { own: ['core', 'ldap', 'ports'], packages: [] },
  accounts: { own: ['core', 'findings', 'ldap', 'ports', 'accounts'], packages: [] },
  products: { own: ['core', 'products'], packages: [] },
  estate: {
    own: ['core', 'findings', 'ldap', 'products', 'estate'],
    packages: ['yaml', 'ajv', 'csv-parse', 'fastest-levenshtein'],
  },
  import: {
    own: ['core', 'findings', 'ldap', 'accounts', 'ports', 'products', 'estate', 'kinds/shared', 'import'],
    packages: ['saxes'],
  },
  explain: { own: ['core', 'findings', 'products', 'estate', 'explain'], packages: ['fastest-levenshtein', 'yaml'] },
  kinds: { own: ['core', 'findings', 'ldap', 'accounts', 'ports', 'products', 'kinds'], packages: [] },
  plan: { own: ['core', 'findings', 'ldap', 'plan'], packages: [] },
  audit: { own: ['core', 'findings', 'ldap', 'accounts', 'ports', 'kinds/shared', 'audit'], packages: [] },
  verify: {
    own: [
      'core',
      'findings',
      'ldap',
      'accounts',
      'ports',
      'products',
      'kinds/shared',
      'kinds/managed-kind.ts',
      'verify',
    ],
    packages: [],
  },
  snapshot: {
    own: [
      'core',
      'findings',
      'ldap',
      'accounts',
      'ports',
      'products',
      'estate/literal-secrets.ts',
      'kinds',
      'snapshot',
    ],
    packages: ['ajv'],
  },
  drift: {
    own: ['core', 'findings', 'ldap', 'accounts', 'ports', 'products', 'kinds/managed-kind.ts', 'drift'],
    packages: [],
  },
  watch: { own: ['core', 'findings', 'ports', 'watch'], packages: [] },
  engine: { own: ['core', 'findings', 'ldap', 'ports', 'plan', 'engine', 'kinds/managed-kind.ts'], packages: [] },
  report: { own: ['core', 'ldap', 'report'], packages: ['diff', 'string-width'] },
  adapters: {
    own: ['core', 'findings', 'ldap', 'ports', 'products', 'adapters'],
    packages: [
      ...['ssh2', 'ldapts', 'p-limit', 'ical.js', 'saxes', 'nodemailer', 'prom-client', '@opentelemetry/api'],
      ...['http-proxy-agent', 'https-proxy-agent', '@opentelemetry/sdk-trace', '@opentelemetry/resources'],
      ...['@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/exporter-trace-otlp-proto'],
    ],
  },
  lab: { own: ['core', 'ldap', 'ports', 'products', 'lab'], packages: ['ssh2', 'ldapts'] },
  app: {
    own: [
      ...['core', 'findings', 'ldap', 'accounts', 'ports', 'products', 'estate', 'kinds', 'plan', 'engine'],
      ...['audit', 'drift', 'verify', 'snapshot', 'import', 'watch', 'app'],
    ],
    packages: [],
  },
  cli: {
    own: [
      ...['core', 'findings', 'ports', 'app', 'report', 'explain', 'watch', 'cli'],
      // How values of options and parts of texts are written.
      ...['plan/shard.ts', 'plan/signatures.ts', 'engine/watchdogs-waiting.ts'],
      'audit/list-formats.ts',
    ],
    packages: ['commander', 'diff'],
  },
  'main.ts': { own: ['cli', 'app', 'adapters', 'core', 'lab'], packages: [] },
};

const worldly = ['adapters', 'lab', 'main.ts'];
const harmless = ['node:crypto', 'node:path', 'node:path/posix', 'node:util', 'node:zlib'];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join('src', file), 'utf8');
  return [
    ...text.matchAll(
      /(?:^|\n)(?:import|export)\b[^;'"]*?from '([^']+)'|\bimport\('([^']+)'\)|(?:^|\n)import '([^']+)'/g,
    ),
  ].map(match => match[1] ?? match[2] ?? match[3] ?? '');
}

function resolved(file: string, specifier: string): string {
  return join(dirname(file), specifier);
}

const layerOf = (file: string) => file.split('/')[0] ?? file;

describe('the import table', () => {
  it.each(files)('%s', file => {
    const layer = layerOf(file);
    const rule = table[layer];
    expect(rule, `no rule for ${layer}`).toBeDefined();
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) {
        const target = resolved(file, specifier);
        expect(specifier.endsWith('.ts'), specifier).toBe(true);
        const allowed = rule?.own.some(own => target === own || target.startsWith(`${own}/`));
        expect(allowed, `${file} imports ${target}`).toBe(true);
      } else if (specifier.startsWith('node:')) {
        expect(worldly.includes(layer) || harmless.includes(specifier), `${file} imports ${specifier}`).toBe(true);
      } else {
        const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0];
        expect(rule?.packages, `${file} imports ${specifier}`).toContain(name);
      }
    }
  });

  it('no kind imports another', () => {
    for (const file of files.filter(f => f.startsWith('kinds/') && f !== 'kinds/registry.ts')) {
      const own = file.split('/')[1];
      for (const specifier of importsOf(file).filter(s => s.startsWith('.'))) {
        const [, folder] = resolved(file, specifier).split('/');
        if (resolved(file, specifier).startsWith('kinds/'))
          expect(['managed-kind.ts', 'shared', own], `${file} -> ${specifier}`).toContain(folder);
      }
    }
  });

  it('there are no cycles', () => {
    const graph = new Map(
      files.map(file => [
        file,
        importsOf(file)
          .filter(s => s.startsWith('.'))
          .map(s => resolved(file, s)),
      ]),
    );
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      expect(path, `cycle: ${[...path, file].join(' -> ')}`).not.toContain(file);
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });
});

describe('the outside world', () => {
  it.each(files.filter(file => !worldly.includes(layerOf(file))))(
    '%s knows no console, process, clock or chance',
    file => {
      const code = readFileSync(join('src', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
      expect(code).not.toMatch(
        /\bconsole\.|\bprocess\.(?!$)|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\bsetTimeout\(/,
      );
    },
  );
});
