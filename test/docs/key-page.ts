import { exampleLines, yamlLines } from '../../src/explain/explain-page.ts';
import { type SchemaKey, schemaKeys } from '../../src/explain/schema-keys.ts';
import { markdownText } from './finding-page.ts';

const introduction = `# The estate file

<!-- Generated from schemas/estate.schema.json by \`npx vitest run test/docs -u\`. -->

This page lists every key. [Writing the file](writing-the-file.md) explains how they work together. \`reconcile explain KEY\`
shows a key in the terminal. \`NAME\` is a name that you choose. \`[]\` is an entry of a list.
`;

/** A key with the name that the page shows it by. */
interface ShownKey extends SchemaKey {
  readonly shown: string;
}

/** The page of every key of the file, by section. */
export function keyPage(schema: object): string {
  const keys = shownKeys(schemaKeys(schema));
  const top = keys.filter(({ path }) => !path.includes('.'));
  const index = top.map(key => `- ${linkTo(key)}${key.required ? ' (required)' : ''}`).join('\n');
  return [introduction, '\n', `${index}\n`, ...top.map(key => section(key, keys))].join('');
}

/** An entry of a list that may also be a single map has the keys of that map, so they are shown once. */
function shownKeys(keys: readonly SchemaKey[]): readonly ShownKey[] {
  const byPath = new Map(keys.map(key => [key.path, key]));
  const isEntry = (path: string) => path.endsWith('.*') && /\blist\b/.test(byPath.get(path.slice(0, -2))?.type ?? '');
  const isRepeated = ({ path }: SchemaKey) =>
    byPath.get(path)?.keys.some(key => byPath.has(key.replace(/\.\*(?=\.[^.]+$)/, ''))) === true;
  const repeated = keys.filter(key => isEntry(key.path) && isRepeated(key)).map(({ path }) => path);
  const kept = keys.filter(({ path }) => !repeated.some(one => path === one || path.startsWith(`${one}.`)));
  return kept.map(key => ({ ...key, shown: shownPath(key.path, isEntry) }));
}

function shownPath(path: string, isEntry: (path: string) => boolean): string {
  return path
    .split('.')
    .map((part, i, parts) => {
      if (part !== '*') return `.${part}`;
      return isEntry(parts.slice(0, i + 1).join('.')) ? '[]' : '.NAME';
    })
    .join('')
    .slice(1);
}

function section(top: ShownKey, keys: readonly ShownKey[]): string {
  const own = keys.filter(({ path }) => path === top.path || path.startsWith(`${top.path}.`));
  const repeated = own.filter(key => elsewhere(key, keys));
  const shown = own.filter(({ path }) => !repeated.some(one => path.startsWith(`${one.path}.`)));
  return shown.map(key => entry(key, key === top ? 2 : 3, elsewhere(key, keys))).join('');
}

/** The key with the shortest path that has the same description and the same keys below; absent: it is that key. */
function elsewhere(key: ShownKey, keys: readonly ShownKey[]): ShownKey | undefined {
  if (key.keys.length === 0 && (key.description ?? '').length < 80) return undefined;
  const depth = ({ path }: ShownKey) => path.split('.').length;
  const [first] = keys.filter(other => isSame(key, other)).sort((a, b) => depth(a) - depth(b));
  return first === key ? undefined : first;
}

function isSame(key: ShownKey, other: ShownKey): boolean {
  const facts = ({ path, type, description, keys }: ShownKey) =>
    JSON.stringify([path.split('.').at(-1), type, description, keys.map(below => below.slice(path.length))]);
  return facts(key) === facts(other);
}

function entry(key: ShownKey, level: number, other: ShownKey | undefined): string {
  const heading = `\n${'#'.repeat(level)} \`${key.shown}\`\n\n`;
  if (other) return `${heading}The same as ${linkTo(other)}.\n`;
  const { inline, blocks } = examplesOf(key);
  const facts = [
    `Type: ${key.type}.`,
    ...(key.required ? ['Required.'] : []),
    ...(key.default === undefined ? [] : [`Default: \`${yamlLines(key.default).join(' ')}\`.`]),
    ...inline,
  ].join(' ');
  return `${heading}${markdownText(key.description ?? '')}\n\n${facts}\n${blocks}`;
}

function linkTo({ shown }: ShownKey): string {
  return `[\`${shown}\`](#${shown.replace(/[.[\]]/g, '').toLowerCase()})`;
}

/** On one line where there is one, otherwise as blocks below. */
function examplesOf({ examples = [], path }: ShownKey): {
  readonly inline: readonly string[];
  readonly blocks: string;
} {
  const shown = examples.map(example => exampleLines(path, example));
  const short = shown.filter(lines => lines.length === 1).map(lines => `\`${lines.join('')}\``);
  const blocks = shown.filter(lines => lines.length > 1).map(lines => `\n\`\`\`yaml\n${lines.join('\n')}\n\`\`\`\n`);
  const inline = short.length === 0 ? [] : [`${short.length === 1 ? 'Example' : 'Examples'}: ${short.join(', ')}.`];
  return { inline, blocks: blocks.join('') };
}
