/** The file that is meant when none is named. */
export const defaultFile = 'estate.yaml';

/** The files a command line names, each once; `-f` comes first. */
export function namedFiles(...named: readonly (readonly string[] | undefined)[]): readonly string[] {
  const files = [...new Set(named.flatMap(some => some ?? []))];
  return files.length > 0 ? files : [defaultFile];
}

/** Whether a file that is named to `apply` is a saved plan, which is known by its name; estate files are YAML. */
export function isPlanFile(file: string): boolean {
  return file.endsWith('.json');
}
