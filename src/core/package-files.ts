/**
 * Whether this is the working copy, as for tests. Otherwise it is the package that the build makes, where all modules lie in one
 * folder, whatever they were bundled from.
 */
const isWorkingCopy = import.meta.url.endsWith('.ts');

/** The folder of package.json. No other file asks where it lies itself: after bundling it would be wrong. */
const root = new URL(isWorkingCopy ? '../../' : '../', import.meta.url);

/** A file of the package by its name from the top: `package.json`, `schemas/plan.schema.json`. */
export function packageFile(name: string): URL {
  return new URL(name, root);
}

/** A program of the rehearsal that the build made: `cs6-cscal`. A working copy has it in `dist`. */
export function builtModule(name: string): URL {
  return packageFile(`${isWorkingCopy ? 'dist/' : ''}lib/${name}.cjs`);
}
