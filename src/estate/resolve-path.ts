import { dirname, join } from 'node:path/posix';
import type { DocumentPath, EstateDocument } from './document.ts';

/** A relative path is beside the file it stands in, which one of several files that may be. */
export function beside(document: EstateDocument, place: DocumentPath, path: string): string {
  return path.startsWith('/') ? path : join(dirname(document.at(place).file), path);
}
