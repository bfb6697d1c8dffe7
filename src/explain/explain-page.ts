import { Document, isScalar, isSeq, Scalar, visit } from 'yaml';
import { chapterTitle } from '../core/declared.ts';
import type { Page, PageSection } from '../core/report.ts';
import { type FindingArea, type FindingPage, findingAreas, findingPages } from '../findings/areas.ts';
import {
  certaintyInWords,
  type FurtherSetting,
  findFurtherSetting,
  findLiveSetting,
  type LiveSetting,
  liveSettings,
  settingNames,
  valuesInWords,
} from './live-settings.ts';
import { findKey, nearestNames, type SchemaKey, schemaKeys } from './schema-keys.ts';

/** What a name means. */
export type Explanation =
  | { readonly kind: 'code'; readonly page: FindingPage }
  | { readonly kind: 'key'; readonly key: SchemaKey; readonly below: readonly SchemaKey[] }
  | { readonly kind: 'setting'; readonly setting: LiveSetting }
  | { readonly kind: 'further-setting'; readonly setting: FurtherSetting }
  | { readonly kind: 'area'; readonly area: FindingArea };

/** The page of a finding code, a key of the file, or a live setting; `schema` is that of the file. */
export function explainName(name: string, schema: object): Explanation | undefined {
  const page = findingPages.find(({ code }) => code === name.toLowerCase());
  if (page) return { kind: 'code', page };
  const setting = findLiveSetting(name);
  if (setting) return { kind: 'setting', setting };
  const further = findFurtherSetting(name);
  if (further) return { kind: 'further-setting', setting: further };
  return explainKey(name, schema) ?? explainArea(name);
}

function explainKey(name: string, schema: object): Explanation | undefined {
  const keys = schemaKeys(schema);
  const key = findKey(keys, name);
  return key && { kind: 'key', key, below: keys.filter(({ path }) => key.keys.includes(path)) };
}

function explainArea(name: string): Explanation | undefined {
  const area = findingAreas.find(({ names }) => names.includes(name.toLowerCase()));
  return area && { kind: 'area', area };
}

/** Names that come near to one that means nothing. */
export function nearNames(name: string, schema: object): readonly string[] {
  const keys = schemaKeys(schema).map(key => key.path);
  return nearestNames(name, [...findingPages.map(page => page.code), ...keys, ...settingNames]);
}

/** An explanation, laid out; `asked` has the lines of the files that ask for it, drawn. */
export function explanationPage(explanation: Explanation, asked: readonly string[] = []): Page {
  const page = pageOf(explanation);
  if (asked.length === 0) return page;
  return { ...page, sections: [...page.sections, { heading: 'asked for by', lines: asked }] };
}

function pageOf(explanation: Explanation): Page {
  switch (explanation.kind) {
    case 'code':
      return codePage(explanation.page);
    case 'key':
      return keyPage(explanation.key, explanation.below);
    case 'setting':
      return settingPage(explanation.setting);
    case 'further-setting':
      return furtherPage(explanation.setting);
    case 'area':
      return areaPage(explanation.area);
  }
}

/** All that can be explained: one line for each code and each live setting, and where the keys of the file begin. */
export function indexPages(keys: readonly SchemaKey[]): readonly Page[] {
  const settings = liveSettings.map(({ name, does }) => ({ heading: name, text: firstSentence(does) }));
  const top = keys.filter(({ path }) => !path.includes('.'));
  return [
    ...findingAreas.map(areaPage),
    { title: 'live settings', subtitle: 'what coexistence turns on', sections: settings },
    {
      title: 'keys of the file',
      subtitle: 'dotted, with names of your own or with *, such as cohorts.*.members',
      sections: top.map(({ path, description }) => ({ heading: path, text: firstSentence(description ?? '') })),
    },
  ];
}

/** The first sentence of a page, short enough for a list. */
function firstSentence(text: string): string {
  return /^.*?[.](?= [A-Z`"]| reconcile |$)/.exec(text)?.[0] ?? text;
}

function areaPage({ names, title, pages }: FindingArea): Page {
  return {
    title: names.join(', '),
    subtitle: title,
    sections: pages.map(page => ({ heading: page.code, text: firstSentence(page.means) })),
  };
}

function codePage({ code, means, why, remedy, chapter }: FindingPage): Page {
  return {
    title: code,
    subtitle: 'a finding code',
    sections: [
      { heading: 'what it means', text: means },
      { heading: 'why it matters', text: why },
      { heading: 'what to do', text: remedy },
      ...chapterSection(chapter),
    ],
  };
}

/** The section of the chapter, with the document it is in. */
export function chapterSection(place: string | undefined): readonly PageSection[] {
  return place === undefined ? [] : [{ heading: 'chapter', text: `${place} (${chapterTitle})` }];
}

function settingPage({ name, place, does, wanted, without, chapter, decidedBy }: LiveSetting): Page {
  return {
    title: name,
    subtitle: place,
    sections: [
      { heading: 'what it does', text: does },
      { heading: 'what reconcile does', text: wanted },
      { heading: 'without it', text: without },
      ...(decidedBy.length > 0 ? [{ heading: 'decided by', text: decidedBy.join(', ') }] : []),
      ...chapterSection(chapter),
    ],
  };
}

function furtherPage({ side, known }: FurtherSetting): Page {
  const [place, section] =
    side === 'cs6'
      ? ['a key of ics.conf, on Calendar Server 6 hosts', 'cs6']
      : ['a davadmin option, on Calendar Server 7 hosts', 'cs7'];
  return {
    title: known.name,
    subtitle: place,
    sections: [
      { heading: 'what it does', text: known.meaning },
      { heading: 'values', text: valuesInWords(known) },
      {
        heading: 'what reconcile does',
        text: `It is left alone, unless \`${section}.settings\` or \`${section}.hosts.*.settings\` names it.`,
      },
      { heading: 'source', text: certaintyInWords(known) },
    ],
  };
}

function keyPage(key: SchemaKey, below: readonly SchemaKey[]): Page {
  const { path, type, required, description, default: usual, pattern, examples } = key;
  return {
    title: path,
    subtitle: 'a key of the file',
    sections: [
      ...(description === undefined ? [] : [{ heading: 'what it says', text: description }]),
      { heading: 'type', text: type },
      { heading: 'default', text: defaultInWords(usual, required, path) },
      ...(pattern === undefined ? [] : [{ heading: 'form', lines: [pattern] }]),
      ...(examples ?? []).map(value => ({ heading: 'example', lines: exampleLines(path, value) })),
      ...(below.length === 0 ? [] : [{ heading: 'keys below', items: below.map(keyLine) }]),
    ],
  };
}

function defaultInWords(usual: unknown, required: boolean, path: string): string {
  if (usual !== undefined) return yamlLines(usual).join(' ');
  if (required) return 'none: the key must be there';
  return path.endsWith('*') ? 'none: the names are your own' : 'none: the key may be left out';
}

function keyLine({ path, required, description }: SchemaKey): string {
  const text = description === undefined ? '' : `  ${firstSentence(description)}`;
  return `${path}${required ? ' (required)' : ''}${text}`;
}

/** Lines of the file in which a key has a value; a place of no name of its own, such as `cohorts.*`, is `NAME`. */
export function exampleLines(path: string, value: unknown): readonly string[] {
  const key = path.split('.').at(-1) ?? '';
  return yamlLines({ [key === '*' ? 'NAME' : key]: value });
}

/** YAML as a person types it: in block style, except a list of words and a map with a single word inside. */
export function yamlLines(value: unknown): readonly string[] {
  const document = new Document(value);
  const isWord = (node: unknown) => isScalar(node) || (isSeq(node) && node.items.every(isScalar));
  visit(document, {
    Map: (key, node) => {
      node.flow = key !== null && node.items.length === 1 && node.items.every(pair => isWord(pair.value));
    },
    Seq: (_, node) => {
      node.flow = isWord(node);
    },
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && readOtherwise.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0, nullStr: '~' }).trimEnd();
  return text.replace(/(?<=: |- |^)\[ (.*) \](?= \}$|$)/gm, '[$1]').split('\n');
}

/** Texts that YAML 1.1 reads as a truth value or a number. */
const readOtherwise = /^(yes|no|on|off|y|n|\d+:[\d:]+)$/i;
