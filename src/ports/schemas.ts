/** The JSON Schemas that are shipped with the program. */
export interface Schemas {
  readonly estate: object;
  readonly plan: object;
  /** The schema of a name, read when it is needed. */
  readonly read: (name: string) => object;
}
