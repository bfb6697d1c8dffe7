import { Client } from 'ldapts';
import type { LabDirectory } from '../host-tree.ts';

/** An entry as a calendar server sees it: with the attributes it asked for, by lower-case name. */
export interface LabAccount {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

const PATIENCE = 5_000;

/**
 * The one entry that a filter finds, with the attributes of these names and no others. Over a connection of its own, so that
 * nothing is remembered. Throws when the directory does not answer, or when more than one entry is found.
 */
export async function findAccount(
  directory: LabDirectory,
  filter: string,
  attributes: readonly string[],
): Promise<LabAccount | undefined> {
  const client = new Client({ url: directory.url, timeout: PATIENCE, connectTimeout: PATIENCE });
  try {
    await client.bind(directory.bindDn, directory.password);
    const { searchEntries } = await client.search(directory.base, {
      scope: 'sub',
      filter,
      attributes: [...attributes],
      sizeLimit: 2,
    });
    const [entry, another] = searchEntries;
    if (another !== undefined) throw new Error(`more than one entry for ${filter}`);
    return entry === undefined ? undefined : account(entry);
  } catch (error) {
    throw new Error(`the directory: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

/** The first value of an attribute; an empty one is none. */
export function firstValue(of: LabAccount, name: string): string | undefined {
  return of.attributes.get(name.toLowerCase())?.find(value => value !== '');
}

function account({ dn, ...attributes }: Awaited<ReturnType<Client['search']>>['searchEntries'][number]): LabAccount {
  const pairs = Object.entries(attributes).map(([name, value]) => {
    const values = (Array.isArray(value) ? value : [value]).map(String);
    return [name.toLowerCase(), values] as const;
  });
  return { dn, attributes: new Map(pairs.filter(([, values]) => values.length > 0)) };
}
