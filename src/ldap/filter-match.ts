import { componentValues } from './distinguished-name.ts';
import type { LdapFilter } from './filter.ts';
import { generalComparison, type MatchingRule, type MatchingRules } from './matching-rule.ts';

/** `undefined` where a filter makes no sense for the schema: such a filter finds nothing, nor does its opposite. */
export type Verdict = boolean | undefined;

/** Judges entries. */
export type Matcher<E> = (entry: E) => Verdict;

/** What a filter looks at in entries, whatever they are kept as; attributes go by their first names. */
export interface EntryView<E> {
  dn(entry: E): string;
  names(entry: E): readonly string[];
  values(entry: E, name: string): readonly string[] | undefined;
}

type Part<Type extends LdapFilter['type']> = Extract<LdapFilter, { readonly type: Type }>;

const UNDEFINED = () => undefined;

/** Makes a filter ready for many entries (RFC 4511, 4.5.1.7). */
export function compileFilter<E>(filter: LdapFilter, schema: MatchingRules, view: EntryView<E>): Matcher<E> {
  switch (filter.type) {
    case 'and':
      return compileList(filter.parts, schema, view, false);
    case 'or':
      return compileList(filter.parts, schema, view, true);
    case 'not': {
      const part = compileFilter(filter.part, schema, view);
      return entry => negate(part(entry));
    }
    case 'extensible':
      return compileExtensible(filter, schema, view);
    default: {
      const rule = schema.attribute(filter.attribute);
      const test = rule && compileTest(filter, rule);
      return rule && test ? entry => test(view.values(entry, rule.name) ?? []) : UNDEFINED;
    }
  }
}

/** The keys of all entries that can fit, where the index knows them: accounts are looked for by uid, fifty at a time. */
export function candidateKeys<K>(
  filter: LdapFilter,
  schema: MatchingRules,
  withUid: (uid: string) => readonly K[],
): readonly K[] | undefined {
  switch (filter.type) {
    case 'equal': {
      const rule = schema.attribute(filter.attribute);
      return rule?.name === 'uid' ? withUid(rule.normalize(textOf(filter.value))) : undefined;
    }
    case 'and':
      return filter.parts.map(part => candidateKeys(part, schema, withUid)).find(keys => keys !== undefined);
    case 'or': {
      const keys = filter.parts.map(part => candidateKeys(part, schema, withUid));
      return keys.every(one => one !== undefined) ? [...new Set(keys.flat())] : undefined;
    }
    default:
      return undefined;
  }
}

/** `decisive`: the verdict of one part that settles the whole. */
function compileList<E>(
  parts: readonly LdapFilter[],
  schema: MatchingRules,
  view: EntryView<E>,
  decisive: boolean,
): Matcher<E> {
  const matchers = parts.map(part => compileFilter(part, schema, view));
  return entry => {
    let verdict: Verdict = !decisive;
    for (const matcher of matchers) {
      const one = matcher(entry);
      if (one === decisive) {
        return decisive;
      }
      verdict = one === undefined ? undefined : verdict;
    }
    return verdict;
  };
}

function negate(verdict: Verdict): Verdict {
  return verdict === undefined ? undefined : !verdict;
}

type Test = (values: readonly string[]) => boolean;

/** Nothing where the schema has no rule for such a comparison. */
function compileTest(
  filter: Part<'present' | 'equal' | 'greater' | 'less' | 'approximate' | 'substrings'>,
  rule: MatchingRule,
): Test | undefined {
  if (filter.type === 'present') {
    return values => values.length > 0;
  }
  if (filter.type === 'substrings') {
    const pieces = filter.pieces.map(textOf);
    return rule.substrings ? values => values.some(value => hasPieces(rule.normalize(value), pieces, rule)) : undefined;
  }
  const wanted = rule.normalize(textOf(filter.value));
  switch (filter.type) {
    case 'greater':
      return rule.ordered ? values => values.some(value => rule.normalize(value) >= wanted) : undefined;
    case 'less':
      return rule.ordered ? values => values.some(value => rule.normalize(value) <= wanted) : undefined;
    default:
      return values => values.some(value => rule.normalize(value) === wanted);
  }
}

/** A blank at the edge of a piece counts: it stands between words of the value. */
function hasPieces(value: string, pieces: readonly string[], rule: MatchingRule): boolean {
  const cased = pieces.map(piece => (rule.normalize('A') === 'a' ? piece.toLowerCase() : piece));
  const [first = '', ...rest] = cased;
  const last = rest.pop() ?? '';
  if (!value.startsWith(first)) {
    return false;
  }
  let at = first.length;
  for (const piece of rest) {
    const found = value.indexOf(piece, at);
    if (found < 0) {
      return false;
    }
    at = found + piece.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}

/** With a rule by which any attribute can be compared, or with the attribute's own. */
function compileExtensible<E>(filter: Part<'extensible'>, schema: MatchingRules, view: EntryView<E>): Matcher<E> {
  const attribute = filter.attribute === undefined ? undefined : schema.attribute(filter.attribute);
  const normalize = filter.rule === undefined ? attribute?.normalize : generalComparison(filter.rule);
  if (!normalize || (filter.attribute !== undefined && !attribute)) {
    return UNDEFINED;
  }
  const wanted = normalize(textOf(filter.value));
  return entry => {
    const names = attribute ? [attribute.name] : view.names(entry);
    const own = names.flatMap(name => view.values(entry, name) ?? []);
    const naming = filter.dnAttributes ? componentValues(view.dn(entry)) : [];
    const named = naming.filter(({ type }) => !attribute || schema.attribute(type) === attribute);
    return [...own, ...named.map(one => one.value)].some(value => normalize(value) === wanted);
  };
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
}
