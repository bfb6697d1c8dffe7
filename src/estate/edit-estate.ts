import type { DocumentPath } from './document.ts';

/** A value as it stands in the estate file. `null` is `~`. */
export type FileValue = string | number | boolean | null | readonly FileValue[] | { readonly [key: string]: FileValue };

/** One edit of the text of an estate file. */
export interface EstateEdit {
  /** Where: keys from the top of the file; an index for an entry of a list. */
  readonly path: DocumentPath;
  /** What is to stand there; absent: the key, or the entry of the list, is removed. */
  readonly value?: FileValue;
  /** One line that is written as a comment above a key that is new. Printable; without `#`. */
  readonly comment?: string;
}
