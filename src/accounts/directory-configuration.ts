import { loginName } from '../core/connection.ts';
import type { DesiredDirectory } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { shellLine } from '../core/next-command.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { isBelow } from '../ldap/distinguished-name.ts';
import { equals, or, present } from '../ldap/filter.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryEntry, DirectoryReader } from '../ports/directory.ts';
import { valuesOf } from './account.ts';
import { entriesOf, entryQuery } from './account-searches.ts';

/** What a search for a value of an attribute, and one for its presence, need. */
const needed = ['eq', 'pres'] as const;

type IndexType = (typeof needed)[number];

/** How a kind of server keeps its configuration: in entries that are read like any other. */
interface ServerKind {
  readonly name: string;
  /** Who may read and change the configuration, unless the site has another. */
  readonly administrator: string;
  /** How the administrator looks at the indexes. */
  readonly look: (attributes: readonly string[]) => readonly string[];
  read(reader: DirectoryReader): Promise<Configuration>;
}

interface Configuration {
  readonly databases: readonly Database[];
  /** Attributes whose values the server keeps unique, in lower case. */
  readonly unique: readonly string[];
}

/** The types of the indexes that each attribute has. */
type Indexes = ReadonlyMap<string, readonly string[]>;

/** A part of the tree with indexes of its own. */
interface Database {
  readonly suffix: string;
  /** By attribute, in lower case; nothing where the indexes cannot be read. */
  indexes(): Promise<Indexes | undefined>;
  /** LDIF that adds what is lacking. */
  addition(lacking: readonly Lacking[]): readonly string[];
  /** What has to be said about it. */
  readonly remark: readonly string[];
}

/** An attribute with less indexes than are needed. */
interface Lacking {
  readonly attribute: string;
  readonly missing: readonly IndexType[];
  /** Those that it has. */
  readonly types: ReadonlySet<string>;
}

/**
 * Whether the two attributes that accounts are searched by are indexed, and whether the server keeps the unique id unique: a
 * handful of small searches in the server's own configuration. Where it is hidden, nothing is concluded from that.
 */
export async function configurationFindings(
  directory: DesiredDirectory,
  reader: DirectoryReader,
): Promise<readonly Finding[]> {
  try {
    const kind = await kindOf(reader);
    if (!kind)
      return [notRead(directory, 'reconcile knows only the configuration of OpenLDAP, 389 and Sun Directory Server.')];
    const { databases, unique } = await kind.read(reader);
    const concerned = databasesOf(directory.base, databases);
    const indexes = await Promise.all(concerned.map(async one => ({ ...one, known: await one.indexes() })));
    if (indexes.length === 0 || indexes.some(({ known }) => !known)) {
      const reason = `In the configuration of the server, ${loginName(directory)} may not read the indexes below ${directory.base}.`;
      return [notRead(directory, reason, kind)];
    }
    const schema = await reader.schema();
    return [
      ...indexes.flatMap(({ known = new Map(), ...database }) =>
        indexFindings({ directory, schema, kind, database, known }),
      ),
      ...(has(unique, directory.uniqueId.attribute, schema) ? [] : [notUnique(directory)]),
    ];
  } catch (problem) {
    if (problem instanceof TargetProblem && hasCode(problem.finding, ...unanswered))
      return [notRead(directory, problem.finding.detail)];
    throw problem;
  }
}

const unanswered = ['directory.search-incomplete', 'directory.referral', 'snapshot.not-in-it'] as const;

/** The root entry says what kind of server it is (RFC 4512, 5.1; RFC 3045). */
async function kindOf(reader: DirectoryReader): Promise<ServerKind | undefined> {
  const [root] = await entriesOf(entryQuery('', ['configContext', 'vendorName', 'vendorVersion']), reader);
  const [context] = root ? valuesOf(root, 'configContext') : [];
  if (context !== undefined) return openLdap(context);
  const words = root ? [...valuesOf(root, 'vendorName'), ...valuesOf(root, 'vendorVersion')].join(' ') : '';
  return /389|Sun|Directory-Server/i.test(words) ? sunFamily : undefined;
}

/** The database that holds the base, and those of the parts below it. */
function databasesOf(base: string, databases: readonly Database[]): readonly Database[] {
  const above = databases.filter(({ suffix }) => isBelow(base, suffix));
  const own = above.find(({ suffix }) => above.every(other => isBelow(suffix, other.suffix)));
  const below = databases.filter(({ suffix }) => isBelow(suffix, base) && !isBelow(base, suffix));
  return own ? [own, ...below] : [];
}

const configurationRoot = 'cn=config';

/** OpenLDAP: slapd-config(5), slapd-mdb(5), slapo-unique(5). */
function openLdap(context: string): ServerKind {
  return {
    name: 'OpenLDAP',
    administrator: 'cn=config',
    look: () => ['-b', context, '(olcSuffix=*)', 'olcSuffix', 'olcDbIndex'],
    async read(reader) {
      const databases = await rightBelow(reader, context, present('olcSuffix'), ['olcSuffix', 'olcDbIndex']);
      const isUnique = equals('objectClass', 'olcUniqueConfig');
      const names = ['olcUniqueURI', 'olcUniqueAttribute'];
      const overlays = await Promise.all(databases.map(({ dn }) => rightBelow(reader, dn, isUnique, names)));
      return { databases: databases.flatMap(mdbDatabases), unique: overlays.flat().flatMap(uniqueAttributes) };
    },
  };
}

function rightBelow(
  reader: DirectoryReader,
  base: string,
  filter: string,
  attributes: readonly string[],
): Promise<readonly DirectoryEntry[]> {
  return entriesOf({ base, filter, scope: 'one', attributes }, reader);
}

/** The kinds of database that have indexes; a proxy, say, has none. */
const indexedDatabase = /^olcDatabase=(\{-?\d+\})?(mdb|hdb|bdb|wt),/i;

/** One line of a database: names of attributes, and the types of their indexes where they are not the usual ones. */
interface IndexLine {
  readonly line: string;
  readonly names: readonly string[];
  readonly types?: readonly string[];
}

function mdbDatabases(entry: DirectoryEntry): readonly Database[] {
  const lines = valuesOf(entry, 'olcDbIndex').map((line): IndexLine => {
    const [names = '', types] = line.trim().split(/\s+/);
    return { line, names: names.split(','), ...(types !== undefined && { types: types.toLowerCase().split(',') }) };
  });
  const usual = lines.find(({ names }) => names[0]?.toLowerCase() === 'default')?.types ?? [];
  const indexes = new Map<string, readonly string[]>();
  for (const { names, types = usual } of lines)
    for (const name of names.map(one => one.toLowerCase())) indexes.set(name, [...(indexes.get(name) ?? []), ...types]);
  return valuesOf(entry, 'olcSuffix').map(suffix => ({
    suffix,
    indexes: async () => (indexedDatabase.test(entry.dn) ? indexes : undefined),
    addition: lacking => [`dn: ${entry.dn}`, 'changetype: modify', ...newLines(lines, lacking)],
    remark: ['OpenLDAP builds it while it runs. With slapd.conf: change the index line there, and run slapindex.'],
  }));
}

/** An attribute may stand in one line only: lines that name one of those are replaced. */
function newLines(lines: readonly IndexLine[], lacking: readonly Lacking[]): readonly string[] {
  const isLacking = (name: string) => lacking.some(({ attribute }) => attribute.toLowerCase() === name.toLowerCase());
  const old = lines.filter(({ names }) => names.some(isLacking));
  const others = old.flatMap(({ names, types = [] }) => {
    const left = names.filter(name => !isLacking(name));
    return left.length === 0 ? [] : [[left.join(','), types.join(',')].join(' ').trim()];
  });
  const own = lacking.map(({ attribute, missing, types }) => `${attribute} ${[...types, ...missing].join(',')}`);
  return [
    ...(old.length === 0 ? [] : ['delete: olcDbIndex', ...old.map(({ line }) => `olcDbIndex: ${line}`), '-']),
    'add: olcDbIndex',
    ...[...others, ...own].map(line => `olcDbIndex: ${line}`),
  ];
}

/** `ldap:///base?attribute,attribute?scope?filter`, several in one value, and words before them. */
function uniqueAttributes(overlay: DirectoryEntry): readonly string[] {
  const urls = valuesOf(overlay, 'olcUniqueURI').flatMap(value => value.split(/\s+/));
  const named = urls.flatMap(url => /^ldap:\/\/[^?]*\?([^?]+)/i.exec(url)?.[1]?.split(',') ?? []);
  return [...named, ...valuesOf(overlay, 'olcUniqueAttribute')].map(name => name.toLowerCase());
}

const ldbm = `cn=ldbm database,cn=plugins,${configurationRoot}`;

/** Sun Directory Server and 389: Administration Reference, "ldbm database" and "Attribute Uniqueness". */
const sunFamily: ServerKind = {
  name: 'Directory Server',
  administrator: 'cn=Directory Manager',
  look: attributes => ['-b', ldbm, or(...attributes.map(name => equals('cn', name))), 'nsIndexType'],
  async read(reader) {
    const isBackend = equals('objectClass', 'nsBackendInstance');
    const backends = await rightBelow(reader, ldbm, isBackend, ['cn', 'nsslapd-suffix']);
    const isUnique = or(
      equals('nsslapd-pluginId', 'NSUniqueAttr'),
      equals('nsslapd-pluginPath', 'libattr-unique-plugin'),
    );
    const plugins = await rightBelow(reader, `cn=plugins,${configurationRoot}`, isUnique, uniquenessNames);
    return {
      databases: backends.flatMap(entry => ldbmDatabases(entry, reader)),
      unique: plugins.filter(isEnabled).flatMap(uniqueNames),
    };
  },
};

const uniquenessNames = ['nsslapd-pluginEnabled', 'uniqueness-attribute-name', 'nsslapd-pluginarg0'] as const;

function isEnabled(plugin: DirectoryEntry): boolean {
  return valuesOf(plugin, 'nsslapd-pluginEnabled')[0]?.toLowerCase() === 'on';
}

/** 389 names the attributes by themselves; the older form is an argument, `uid` or `attribute=uid`. */
function uniqueNames(plugin: DirectoryEntry): readonly string[] {
  const names = [...valuesOf(plugin, 'uniqueness-attribute-name'), ...valuesOf(plugin, 'nsslapd-pluginarg0')];
  return names.map(name => name.replace(/^attribute=/i, '').toLowerCase());
}

function ldbmDatabases(backend: DirectoryEntry, reader: DirectoryReader): readonly Database[] {
  const [name = ''] = valuesOf(backend, 'cn');
  const container = `cn=index,${backend.dn}`;
  return valuesOf(backend, 'nsslapd-suffix').map(suffix => ({
    suffix,
    async indexes() {
      const isIndex = equals('objectClass', 'nsIndex');
      const entries = await rightBelow(reader, container, isIndex, ['cn', 'nsIndexType']);
      // The server itself has some: none at all means that they are hidden.
      return entries.length === 0 ? undefined : new Map(entries.map(ldbmIndex));
    },
    addition: lacking =>
      lacking.flatMap((one, i) => [
        ...(i > 0 ? [''] : []),
        ...indexRecord(one, container),
        '',
        ...indexTask(one, name),
      ]),
    remark: ['The tasks let the server build the indexes while it runs.'],
  }));
}

function ldbmIndex(entry: DirectoryEntry): readonly [string, readonly string[]] {
  const [name = ''] = valuesOf(entry, 'cn');
  return [name.toLowerCase(), valuesOf(entry, 'nsIndexType').map(type => type.toLowerCase())];
}

/** An index of its own, or further types of the one that it has. */
function indexRecord({ attribute, missing, types }: Lacking, container: string): readonly string[] {
  const fresh = ['add', 'objectClass: top', 'objectClass: nsIndex', `cn: ${attribute}`, 'nsSystemIndex: false'];
  const [change, ...lines] = types.size > 0 ? ['modify', 'add: nsIndexType'] : fresh;
  return [
    `dn: cn=${attribute},${container}`,
    `changetype: ${change}`,
    ...lines,
    ...missing.map(type => `nsIndexType: ${type}`),
  ];
}

function indexTask({ attribute }: Lacking, backend: string): readonly string[] {
  return [
    `dn: cn=${attribute} index,cn=index,cn=tasks,${configurationRoot}`,
    'changetype: add',
    'objectClass: top',
    'objectClass: extensibleObject',
    `cn: ${attribute} index`,
    `nsInstance: ${backend}`,
    `nsIndexAttribute: ${attribute}`,
  ];
}

interface Indexed {
  readonly directory: DesiredDirectory;
  readonly schema: DirectorySchema;
  readonly kind: ServerKind;
  readonly database: Database;
  readonly known: Indexes;
}

const inWords: Readonly<Record<IndexType, string>> = { eq: 'equality', pres: 'presence' };

function indexFindings({ directory, schema, kind, database, known }: Indexed): readonly Finding[] {
  const lacking = attributesOf(directory).flatMap((attribute): readonly Lacking[] => {
    const types = new Set([...known].flatMap(([name, found]) => (isSame(name, attribute, schema) ? [...found] : [])));
    const missing = needed.filter(type => !types.has(type));
    return missing.length === 0 ? [] : [{ attribute, missing, types }];
  });
  if (lacking.length === 0) return [];
  return [
    finding('directory.index-missing', {
      detail: [
        `${kind.name}, ${database.suffix}:`,
        ...lacking.map(
          ({ attribute, missing }) =>
            `${attribute} has no index for ${missing.map(type => inWords[type]).join(' and ')}.`,
        ),
        'Without it, the server reads all entries for each search. Add it as an administrator of the directory:',
        `    ${shellLine(['printf', '%s\\n', ...database.addition(lacking)])} | ${shellLine(['ldapmodify', ...login(directory, kind)])}`,
        ...database.remark,
      ].join('\n'),
      target: 'directory',
      where: directory.source,
    }),
  ];
}

function attributesOf({ uniqueId, localUser }: DesiredDirectory): readonly string[] {
  return [uniqueId.attribute, localUser.attribute];
}

/** Whether two names, in whichever case, are names of one attribute. */
function isSame(name: string, other: string, { matching }: DirectorySchema): boolean {
  const first = (one: string) => matching?.get(one.toLowerCase())?.name ?? one.toLowerCase();
  return first(name) === first(other);
}

function has(names: readonly string[], attribute: string, schema: DirectorySchema): boolean {
  return names.some(name => isSame(name, attribute, schema));
}

/** What the tools of the directory need to reach it as its administrator; they ask for the password. */
function login({ url, startTls }: DesiredDirectory, { administrator }: ServerKind): readonly string[] {
  return ['-x', '-H', url, ...(startTls ? ['-ZZ'] : []), '-D', administrator, '-W'];
}

function notRead(directory: DesiredDirectory, reason: string, kind?: ServerKind): Finding {
  const attributes = attributesOf(directory).join(' and ');
  return finding('directory.not-checked', {
    detail: [
      `It was not checked whether ${attributes} are indexed and whether the server keeps ${directory.uniqueId.attribute} unique:`,
      reason,
      ...(kind
        ? [
            'Check it as an administrator of the directory:',
            `    ${shellLine(['ldapsearch', ...login(directory, kind), '-LLL', ...kind.look(attributesOf(directory))])}`,
          ]
        : []),
    ].join('\n'),
    target: 'directory',
    where: directory.source,
  });
}

function notUnique({ uniqueId: { attribute }, source }: DesiredDirectory): Finding {
  return finding('directory.uniqueness-not-enforced', {
    detail: `No part of the configuration of the server keeps ${attribute} unique.\nAn audit finds accounts that have the same value.`,
    target: 'directory',
    where: source,
  });
}
