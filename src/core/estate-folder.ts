import { createHash } from 'node:crypto';
import { toUSVString } from 'node:util';

/** Bytes of the name of a file, which most file systems limit to 255. */
const LONGEST = 200;

/**
 * The name of the folder that has the records of an estate's runs, on a host and on this machine: the estate's name as in a URL.
 * A long name is cut and ends with a part of its SHA-256, and `.` and `..` do not stand for themselves.
 */
export function estateFolder(estate: string): string {
  const name = encodeURIComponent(toUSVString(estate)).replace(/^\.+$/, dots => dots.replaceAll('.', '%2E'));
  if (name.length <= LONGEST) return name;
  const sum = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, LONGEST - sum.length - 1)}~${sum}`;
}
