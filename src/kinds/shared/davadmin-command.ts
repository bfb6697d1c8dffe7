import type { DesiredCs7Host } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Command, CommandResult, HostReader } from '../../ports/host.ts';
import { cs7FilePlaces, cs7Options, davadmin } from '../../products/cs7.ts';
import { knownDavadmin } from '../../products/known-davadmin.ts';
import { effectiveProperties, parseProperties } from './properties-text.ts';
import { cameBack, unexpected } from './service.ts';

/*
 * davadmin is a Java program that needs seconds to start, so one call reads all options. One form of an answer is documented,
 * `name: value` (chapter 10); whatever else it may print is read only as far as it is plain:
 *
 *   a line of the option's own name, also indented or with `=`  ->  its value, whatever the exit code; nothing behind it: not set
 *   its value may be on the next line, nothing was printed, or text that is not understood  ->  davserver.properties is the witness
 */

/** What is known of some options of a host. Names are in lower case. */
export interface OptionsReading {
  /** An option that is not set has an empty value. */
  readonly values: ReadonlyMap<string, string>;
  /** Options of which davadmin printed nothing that is understood, and davserver.properties has the value. */
  readonly fromFile: ReadonlySet<string>;
  /** Options whose value is not known: what was asked, and what came back. */
  readonly unclear: ReadonlyMap<string, string>;
  /** All options that one call listed with a value, whether they were asked for or not. */
  readonly listed: ReadonlyMap<string, string>;
}

/** Milliseconds that davadmin may take to read options. */
const patience = 120_000;

/** Options that every installation sets: that davadmin prints nothing of one does not mean that it is not set. */
const alwaysSet: readonly string[] = [cs7Options.subject, cs7Options.uniqueId];

/**
 * The values of some options. What is unclear about one costs only that one. Throws TargetProblem when davadmin is not there or
 * does not work at all.
 */
export async function readOptions(
  host: DesiredCs7Host,
  reader: HostReader,
  names: readonly string[],
): Promise<OptionsReading> {
  const wanted = names.map(name => name.toLowerCase());
  const [bare, file] = await Promise.all([reader.query(reading(host)), readWitness(host, reader)]);
  if (bare.state === 'absent') throw unexpected(host.name, 'davadmin config', bare);
  // What it had printed by then may hold secrets of other options.
  if (bare.late !== undefined) throw unexpected(host.name, 'davadmin config', { ...bare, output: '' });
  const listing = parseAnswer(bare.output, wanted);
  const answers = new Map<string, Answer>();
  for (const name of wanted) {
    const told = judge(listing, name);
    const own = bare.output.split('\n').filter(line => line.toLowerCase().includes(name));
    if (told) answers.set(name, { ...told, asked: 'davadmin config', result: { ...bare, output: own.join('\n') } });
  }
  const rest = wanted.filter(name => !answers.has(name));
  const works = listing.entries.length > 0;
  for (const [name, answer] of await askEach(host, reader, rest, { works, noise: listing.noise }))
    answers.set(name, answer);
  return resolve(answers, file, listing);
}

/** A question for all options, or for one. The options of a host are written nowhere but in that file. */
function reading(host: DesiredCs7Host, name?: string): Command {
  const option = name === undefined ? [] : ['-o', name];
  return { ...davadmin(host, 'config', ...option), patience, whileSame: cs7FilePlaces(host, 'options') };
}

/** The options as the file has them, which may leave defaults out; nothing where it cannot be read. */
async function readWitness(
  host: DesiredCs7Host,
  reader: HostReader,
): Promise<() => ReadonlyMap<string, string> | undefined> {
  try {
    const [file] = await reader.files(cs7FilePlaces(host, 'options'));
    return () => {
      if (!file) return undefined;
      const lines = effectiveProperties(parseProperties(file.content.toString('latin1')));
      return new Map([...lines].map(([key, { value }]) => [key.toLowerCase(), value.trim()]));
    };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return () => undefined;
  }
}

/** What an answer says of one option: a value; one that the file has to confirm; that it was not mentioned; or text. */
type Told = { readonly value: string; readonly sure: boolean } | { readonly silent: true } | { readonly text: true };

type Answer = Told & { readonly asked: string; readonly result: CommandResult };

/** Asks for each option by its name. The first is one that every installation sets, to see whether davadmin works at all. */
async function askEach(
  host: DesiredCs7Host,
  reader: HostReader,
  names: readonly string[],
  { works, noise }: { readonly works: boolean; readonly noise: ReadonlySet<string> },
): Promise<readonly (readonly [string, Answer])[]> {
  const ask = async (name: string) => ({ name, result: await reader.query(reading(host, name)) });
  const first = works ? undefined : (names.find(name => alwaysSet.includes(name)) ?? names[0]);
  const tried = first === undefined ? [] : [await ask(first)];
  for (const { name, result } of tried)
    if (!mentions(result, name) && (result.state === 'absent' || result.code !== 0))
      throw unexpected(host.name, `davadmin config -o ${name}`, result);
  const all = [...tried, ...(await Promise.all(names.filter(name => name !== first).map(ask)))];
  const [one] = all;
  if (one && !works && !all.some(({ name, result }) => mentions(result, name)))
    throw unexpected(host.name, `davadmin config -o ${one.name}`, one.result);
  const known = new Set([
    ...noise,
    ...all.flatMap(({ name, result }) => (mentions(result, name) ? noiseOf(result, name) : [])),
  ]);
  return all.map(({ name, result }) => [
    name,
    { ...tell(result, name, known), asked: `davadmin config -o ${name}`, result },
  ]);
}

function mentions(result: CommandResult, name: string): boolean {
  return result.state === 'ran' && judge(parseAnswer(result.output, [name]), name) !== undefined;
}

function noiseOf(result: CommandResult, name: string): readonly string[] {
  return result.state === 'ran' ? [...parseAnswer(result.output, [name]).noise] : [];
}

/** What is printed around other answers too says nothing of this option. */
function tell(result: CommandResult, name: string, known: ReadonlySet<string>): Told {
  if (result.state === 'absent' || result.late !== undefined) return { text: true };
  const answer = parseAnswer(result.output, [name]);
  return judge(answer, name) ?? ([...answer.noise].every(line => known.has(line)) ? { silent: true } : { text: true });
}

/** A line that begins with the name of an option. */
interface Entry {
  readonly name: string;
  readonly value: string;
  /** The line below, where it is no entry and not empty. */
  readonly below?: string;
}

interface ParsedAnswer {
  readonly entries: readonly Entry[];
  /** All other lines, without their numbers, which may be times. */
  readonly noise: ReadonlySet<string>;
}

const entryLine = /^[ \t]*([a-z][\w-]*(?:\.[\w-]+)+)[ \t]*(?:[:=][ \t]*(|[^ \t].*))?$/i;

/** First words of the names of options: `davcore`, `store`. */
const families = new Set(knownDavadmin.map(({ name }) => name.split('.')[0]));

/** Only names that can be those of options count: `java.lang.NullPointerException: null` has the same form. */
function parseAnswer(output: string, wanted: readonly string[]): ParsedAnswer {
  const lines = output.split(/\r?\n/).map(line => {
    const [, name = '', value = ''] = entryLine.exec(line) ?? [];
    const key = name.toLowerCase();
    const isOption = wanted.includes(key) || families.has(key.split('.')[0] ?? '');
    return { line, ...(key !== '' && isOption && { entry: { name: key, value: value.trim() } }) };
  });
  return {
    entries: lines.flatMap(({ entry }, at) => {
      const next = lines[at + 1];
      const below = next && !next.entry && next.line.trim() !== '' && { below: next.line.trim() };
      return entry ? [{ ...entry, ...below }] : [];
    }),
    noise: new Set(
      lines.flatMap(({ line, entry }) => (entry || line.trim() === '' ? [] : [line.trim().replace(/\d+/g, '0')])),
    ),
  };
}

/** Nothing where no line has the name. Where no line of the answer has a value behind a name, it may be on the line below. */
function judge({ entries }: ParsedAnswer, name: string): Told | undefined {
  const own = entries.filter(entry => entry.name === name);
  const [first] = own;
  if (!first) return undefined;
  if (own.some(({ value }) => value !== first.value)) return { text: true };
  if (first.value !== '' || first.below === undefined || entries.some(({ value }) => value !== ''))
    return { value: first.value, sure: true };
  return { value: first.below, sure: entries.filter(({ below }) => below !== undefined).length > 2 };
}

type Witness = ReadonlyMap<string, string> | undefined;

/** What counts, of what davadmin said and of what the file has where that is not plain. */
function resolve(answers: ReadonlyMap<string, Answer>, file: () => Witness, { entries }: ParsedAnswer): OptionsReading {
  const values = new Map<string, string>();
  const fromFile = new Set<string>();
  const unclear = new Map<string, string>();
  for (const [name, answer] of answers) {
    const found = isPlain(answer) ? answer : decide(name, answer, file());
    if ('why' in found) unclear.set(name, found.why);
    else values.set(name, found.value);
    if ('only' in found) fromFile.add(name);
  }
  const listed = new Map(entries.flatMap(({ name, value }) => (value === '' ? [] : [[name, value]])));
  return { values, fromFile, unclear, listed };
}

function isPlain(answer: Answer): answer is Answer & { readonly value: string } {
  return 'value' in answer && answer.sure && answer.result.state === 'ran' && answer.result.code === 0;
}

function decide(
  name: string,
  answer: Answer,
  file: Witness,
): { readonly value: string; readonly only?: true } | { readonly why: string } {
  const witness = file?.get(name);
  const unclear = { why: `${answer.asked}\n${cameBack(answer.result)}\n${testimony(name, file)}` };
  if ('value' in answer) {
    const { value, sure } = answer;
    if (witness ? oneLine(witness) === oneLine(value) : sure) return { value };
    return unclear;
  }
  if (witness) return { value: witness, only: true };
  if ('silent' in answer && !alwaysSet.includes(name)) return { value: '' };
  return unclear;
}

function oneLine(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

function testimony(name: string, file: Witness): string {
  if (!file) return 'davserver.properties cannot be read to compare.';
  const value = file.get(name);
  return value === undefined
    ? 'davserver.properties has no line for it, so the default may apply.'
    : `davserver.properties has "${printable(value)}".`;
}
