import { hash } from 'node:crypto';

const forPeople: ReadonlySet<string> = new Set(['source', 'because', 'chapter', 'listed']);

/** Whether a key of the wanted state is not about what is wanted: a place in the file, an explanation. */
export function isForPeople(key: string): boolean {
  return forPeople.has(key);
}

/** The keys that two parts of the wanted state do not agree about, as paths; a part of a list goes by its name, where it has one. */
export function differingKeys(a: unknown, b: unknown): readonly string[] {
  const [left, right] = [leavesOf(a), leavesOf(b)];
  return [...new Set([...left.keys(), ...right.keys()])].filter(key => left.get(key) !== right.get(key)).toSorted();
}

function leavesOf(value: unknown, path = '', found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return found.set(path, canonicalJson(value) ?? '');
  for (const [key, part] of Object.entries(value)) {
    const step = Array.isArray(value) ? nameOf(part, key) : key;
    if (!isForPeople(key)) leavesOf(part, path === '' ? step : `${path}.${step}`, found);
  }
  return found;
}

function nameOf(part: unknown, index: string): string {
  const known = typeof part === 'object' && part !== null ? Object.entries(part) : [];
  const name = known.find(([key]) => ['name', 'key', 'domain'].includes(key))?.[1];
  return typeof name === 'string' ? name : index;
}

/** JSON with the keys of every map in order: equal data gives equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );
}

/** SHA-256 of a text or of bytes, in hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
