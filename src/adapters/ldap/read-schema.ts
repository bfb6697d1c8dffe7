import { buildDirectorySchema, type DirectorySchema } from '../../ldap/schema.ts';
import type { LastingSession } from './lasting-session.ts';
import { printableLine } from './printable-line.ts';
import { directoryProblem } from './problem.ts';
import { readEntry } from './read-entry.ts';
import { resultWords } from './result-code.ts';
import type { Session } from './session.ts';
import { WireLost } from './wire-lost.ts';

const REMEDY =
  'Without the schema a filter on an unknown attribute finds nobody (OpenLDAP) or everybody (389) without an error.';

/** Reads the schema the server says it uses; begins again over the next connection when one is lost. */
export async function readSchema(lasting: LastingSession): Promise<DirectorySchema> {
  for (;;) {
    const session = await lasting.open();
    try {
      return await readSchemaOf(session);
    } catch (error) {
      // `open` ends this: it opens only so many connections in a row.
      if (!(error instanceof WireLost)) throw error;
    }
  }
}

async function readSchemaOf(session: Session): Promise<DirectorySchema> {
  const { endpoint, subschema } = session;
  if (subschema === undefined) {
    throw directoryProblem(
      'directory.schema-unreadable',
      `${endpoint.name}: the root entry has no subschemaSubentry that this bind entry may read.`,
      REMEDY,
    );
  }
  const { entry, answer } = await readEntry(session.wire, subschema, ['attributeTypes', 'objectClasses']);
  const types = entry?.attributes.get('attributetypes') ?? [];
  const classes = entry?.attributes.get('objectclasses') ?? [];
  if (types.length === 0 || classes.length === 0) {
    const words = answer.status === 0 ? 'no definitions that this bind entry may read' : resultWords(answer);
    throw directoryProblem(
      'directory.schema-unreadable',
      `${endpoint.name}`,
      `${printableLine(subschema)}: ${words}.`,
      REMEDY,
    );
  }
  return buildDirectorySchema(types, classes);
}
