import { readFileSync } from 'node:fs';
import { ask } from '../outcome.ts';
import { onHost } from '../place.ts';
import type { DavadminWords } from './davadmin-words.ts';
import { credentialsPath } from './layout.ts';
import { readProperties } from './properties.ts';

/** Property of the lab's davservercreds.properties that has the administrator's password. */
export const PASSWORD_PROPERTY = 'admin.password';

/** The administrator that davadmin falls back to. */
export const ADMINISTRATOR = 'admin';

/** Who davadmin says it is. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * From the file of `-F` or of DAVADMIN_CLIFILE, else from a prompt without echo; `-W` always prompts. Nothing when stdin ends.
 * A real file is an encrypted wallet; here it has `property=value` lines or the bare password.
 * Throws when the file cannot be read.
 */
export async function findCredentials(prefix: string, words: DavadminWords): Promise<Credentials | undefined> {
  const file = words.values.get('F') ?? process.env['DAVADMIN_CLIFILE'];
  const stored = file === undefined ? {} : readClifile(onHost(prefix, file));
  const user = words.values.get('u') ?? stored['userid'] ?? ADMINISTRATOR;
  const known = words.flags.has('W') ? undefined : stored['password'];
  const password = known ?? (await ask('Enter Admin password:', true));
  return password === undefined ? undefined : { user, password };
}

/** Whether the server takes them. */
export function isAdministrator(prefix: string, home: string, credentials: Credentials): boolean {
  const stored = readProperties(readFileSync(onHost(prefix, credentialsPath(home)), 'latin1'));
  return credentials.user === ADMINISTRATOR && credentials.password === stored[PASSWORD_PROPERTY];
}

function readClifile(path: string): Readonly<Record<string, string>> {
  const content = readFileSync(path, 'latin1');
  return content.includes('=') ? readProperties(content) : { password: content.trim() };
}
