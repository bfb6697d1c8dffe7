import { dirname, join } from 'node:path/posix';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { ImportProof, WrittenFile } from '../core/import-report.ts';
import { nextCommands } from '../core/next-command.ts';
import { exitCodes, planExitCode } from '../core/report.ts';
import type { FileReader } from '../estate/document.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { composeEstate, schemaPlaces } from '../import/compose-estate.ts';
import type { NamedFile } from '../import/fact.ts';
import { coverageOf, proveImport } from '../import/prove-import.ts';
import { refusals } from '../plan/guards.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import { unwritableFile } from './files.ts';
import { editsOf, foundFindings, type ImportEnd, type Importing } from './importing.ts';
import { loadText } from './load-estate.ts';
import { makePlan } from './make-plan.ts';

/** Composes the file, plans it over the connections that are open, proves that nothing that was found would change, and writes. */
export async function proveAndWrite(run: Importing): Promise<ImportEnd> {
  const composed = await compose(run);
  if ('outcome' in composed) return composed;
  const proof = await prove(run, composed);
  if ('outcome' in proof) return proof;
  const written = await writeFiles(run, composed);
  if ('outcome' in written) return { ...written, proof };
  return {
    outcome: 'written',
    exitCode: planExitCode(proof.plan, proof.refusals),
    estate: composed.state.name,
    findings: foundFindings(run),
    written,
    coverage: coverageOf(composed.state, run.live, run.people, run.context.schemas.estate),
    proof,
  };
}

/** A file as it is to be written, and what it asks for. */
interface Composed {
  readonly text: string;
  readonly state: DesiredState;
  readonly warnings: readonly Finding[];
  /** The schema that it refers to; written beside it where there is none. */
  readonly schema: { readonly path: string; readonly isNew: boolean };
}

async function compose(run: Importing): Promise<Composed | ImportEnd> {
  const { request, context, people } = run;
  const schema = findSchema(request.file, context.files);
  const place = schema.place;
  const edited = composeEstate(editsOf(run), place, context.schemas.estate);
  if ('refused' in edited) return notExpressed([], edited.refused);
  const sources = [{ file: request.file, content: edited.text }];
  const readFile = readingNew(request.file, people?.files ?? [], context.files);
  const { state, findings } = loadText(sources, context, { readFile });
  if (!state)
    return notExpressed(findings, 'What was found and given does not make a sound estate file, as said above.');
  // The names were read from the servers: nobody misspelled them.
  const warnings = findings.filter(one => !hasCode(one, 'estate.setting-unknown'));
  return { text: edited.text, state, warnings, schema };
}

function notExpressed(findings: readonly Finding[], why: string): ImportEnd {
  const detail = `${why}\nNo file was written. State another value with --set KEY=VALUE.`;
  return {
    outcome: 'not-proved',
    exitCode: exitCodes.error,
    findings: [...findings, finding('import.not-expressed', { detail })],
  };
}

/** The files that the new one names are read before they are written. */
function readingNew(file: string, named: readonly NamedFile[], files: LocalFiles): FileReader {
  const contents = new Map(named.map(({ path, content }) => [besideFile(file, path), content]));
  return (path, ...how) => {
    const content = contents.get(path);
    return content === undefined ? files.readRegular(path, ...how) : new TextEncoder().encode(content);
  };
}

function besideFile(file: string, path: string): string {
  return join(dirname(file), path);
}

/** Bytes of a schema; more is another file. */
const largestSchema = 2_000_000;

function findSchema(file: string, files: LocalFiles) {
  const there = schemaPlaces.find(
    place => files.readRegular(besideFile(file, place), largestSchema) instanceof Uint8Array,
  );
  const [usual = ''] = schemaPlaces;
  const place = there ?? usual;
  return { place, path: besideFile(file, place), isNew: there === undefined };
}

/** Nothing of what was found may change, and everything must have been read. */
async function prove(run: Importing, { state, warnings }: Composed): Promise<ImportProof | ImportEnd> {
  const { context, interview, ports } = run;
  if (!ports) throw new Error('hosts are connected before a plan');
  const plan = await makePlan({ state, warnings }, { files: [] }, ports, context);
  const refused = refusals(plan);
  const { findings, ...numbers } = proveImport(plan, state, interview.given);
  const proof = { plan, refusals: refused, ...numbers };
  if (plan.unread.length > 0)
    return { outcome: 'unread', exitCode: planExitCode(plan, []), findings: plan.findings, estate: state.name };
  if (findings.length > 0)
    return { outcome: 'not-proved', exitCode: exitCodes.error, findings, proof, estate: state.name };
  return proof;
}

/** A file to write, and whether it was there before. */
interface FileToWrite extends WrittenFile {
  readonly text: string;
}

/** The files that the estate file names come first, and it comes last: it never names one that is not there. */
async function writeFiles(run: Importing, composed: Composed): Promise<readonly WrittenFile[] | ImportEnd> {
  const { request, context, people } = run;
  const members = (people?.files ?? []).map(
    ({ path, content }): FileToWrite => ({ path: besideFile(request.file, path), text: content, is: 'members' }),
  );
  const inTheWay = request.overwrite ? undefined : members.find(one => differs(one, context.files));
  if (inTheWay) return { outcome: 'failed', exitCode: exitCodes.refused, findings: [exists(inTheWay.path)] };
  const { schema, text } = composed;
  const schemaText = `${JSON.stringify(context.schemas.estate, null, 2)}\n`;
  const wanted: readonly FileToWrite[] = [
    ...members,
    { path: schema.path, text: schemaText, is: 'schema', ...(!schema.isNew && { before: true }) },
    { path: request.file, text, is: 'estate', ...(request.overwrite && { before: true }) },
  ];
  for (const { path, text: content, is, before } of wanted) {
    if (is === 'schema' && before) continue;
    try {
      await context.files.replace(path, content);
    } catch (error) {
      return { outcome: 'failed', exitCode: exitCodes.error, findings: [unwritableFile(path, error)] };
    }
  }
  return wanted.map(({ text: _, ...file }) => file);
}

function differs({ path, text }: FileToWrite, files: LocalFiles): boolean {
  const there = files.readRegular(path, text.length + 1);
  return there instanceof Uint8Array && new TextDecoder().decode(there) !== text;
}

function exists(path: string): Finding {
  return finding('import.file-exists', {
    detail: `${path} exists with another content, and the new file would name it. No file was written.\nMove it away, or replace it:`,
    next: [nextCommands.importAgain(['--overwrite'])],
  });
}
