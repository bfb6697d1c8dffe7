import { readFileSync, writeFileSync } from 'node:fs';
import { hasFault } from '../fault.ts';
import { withLock } from '../lock.ts';
import { type Outcome, text } from '../outcome.ts';
import { type Cs7Facts, onHost } from '../place.ts';
import { readCs7State } from './container.ts';
import type { DavadminWords } from './davadmin-words.ts';
import { davserverPropertiesPath } from './layout.ts';
import { editProperties } from './properties.ts';

/**
 * `davadmin config`: prints `name: value` (chapter 10 shows it), one line per option. An option that is known and not set has
 * nothing after the blank.
 */
export function listOptions(prefix: string, facts: Cs7Facts, words: DavadminWords): Outcome {
  if (hasFault(prefix, 'davadmin.noise')) return { code: 0, stdout: NOISE };
  const { options } = readCs7State(prefix, facts);
  const name = words.values.get('o');
  if (name !== undefined && !Object.hasOwn(options, name)) return unknown(name);
  const names = name === undefined ? Object.keys(options).toSorted() : [name];
  return { code: 0, stdout: text(...names.map(one => `${one}: ${options[one] ?? ''}`)) };
}

/**
 * `davadmin config modify`: the value takes the place of the whole value that was there, also of a list's. Writes
 * davserver.properties in place; the running container keeps what it read. What it prints is made up.
 */
export async function modifyOption(prefix: string, facts: Cs7Facts, words: DavadminWords): Promise<Outcome> {
  const name = words.values.get('o') ?? '';
  const value = words.values.get('v') ?? '';
  if (!Object.hasOwn(readCs7State(prefix, facts).options, name)) return unknown(name);
  if (!hasFault(prefix, 'davadmin.ignore-modify'))
    await writeOption(onHost(prefix, davserverPropertiesPath(facts.home)), name, value);
  return { code: 0, stdout: text(`>> config modify (1 of 1) ${name}`, 'Successfully modified server configuration.') };
}

const NOISE = text(
  'Jan 12, 2012 4:01:55 PM com.sun.comms.davserver.cli.DavAdmin run',
  'WARNING: javax.management.RuntimeMBeanException: java.lang.NullPointerException',
  '\tat com.sun.jmx.interceptor.DefaultMBeanServerInterceptor.rethrow(DefaultMBeanServerInterceptor.java:877)',
);

async function writeOption(path: string, name: string, value: string): Promise<void> {
  await withLock(`${path}.lock`, () =>
    writeFileSync(path, editProperties(readFileSync(path, 'latin1'), name, value), 'latin1'),
  );
}

function unknown(name: string): Outcome {
  return { code: 1, stderr: text(`Unknown configuration option: ${name}`) };
}
