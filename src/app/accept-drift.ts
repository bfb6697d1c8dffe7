import { canonicalJson } from '../core/canonical.ts';
import type { Value } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
import type { Finding, SourcePosition } from '../core/finding.ts';
import { type Difference, editMembers, type PlacedEdit } from '../estate/accept-difference.ts';
import { editEstate } from '../estate/edit-estate.ts';
import type { EstateFile } from '../estate/estate-file.ts';
import { finding } from '../findings/catalogue.ts';
import type { HostReader } from '../ports/host.ts';
import { type LocalFiles, standardInput } from '../ports/local-files.ts';
import type { ReadPorts } from '../ports/ports.ts';
import {
  type Accepted,
  type Accepting,
  answerAll,
  distinctDifferences,
  findingIdentity,
  proofFindings,
} from './accepted-differences.ts';
import { type Failure, failure, type ReadContext, refusal } from './context.ts';
import { unwritableFile } from './files.ts';
import { loadFiles } from './load-estate.ts';
import { makePlan, type Wanted } from './make-plan.ts';
import { toRead, withEstate } from './open-estate.ts';
import { openRunRecords } from './run-records.ts';

/** What is to be accepted. */
export interface AcceptRequest {
  readonly files: readonly string[];
  /** `TARGET:KEY`, or `all` alone. */
  readonly accept: readonly string[];
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** A difference that is gone with the edited files. */
export interface AcceptedDifference {
  readonly target: string;
  readonly key: string;
  /** The DN of an account, the path of a file, or what shows the setting. */
  readonly item: string;
  /** What the files asked for; absent: that it is not set. */
  readonly expected?: Value;
  /** The live value, which they ask for now; absent: it is not set. */
  readonly accepted?: Value;
  /** The line that asked for the other value. */
  readonly where?: SourcePosition;
}

/** A file before and after. */
export interface EditedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** What was accepted, and the files that say so. */
export interface AcceptedDrift {
  readonly estate: string;
  readonly accepted: readonly AcceptedDifference[];
  readonly files: readonly EditedFile[];
  /** Warnings about the edited files that were not there before. */
  readonly warnings: readonly Finding[];
  /** A person said no: nothing was written. */
  readonly declined?: true;
}

/** Asks whether the files are to be written; a finding where nobody can be asked. */
export type ApproveAccepted = (accepted: AcceptedDrift) => Promise<boolean | Finding>;

/**
 * Edits the estate files so that they ask for what is live. Every reason against it is found at once, and then no file is
 * touched. The edited files are planned over the same reading of the hosts, and the directory is asked again: exactly the
 * accepted differences must be gone, and no new one may come. Only then the files are written, each whole or not at all, unless
 * one has changed meanwhile.
 */
export async function acceptDrift(
  request: AcceptRequest,
  context: ReadContext,
  approve: ApproveAccepted,
): Promise<AcceptedDrift | Failure> {
  const mistake = mistakeOf(request);
  if (mistake) return failure([mistake]);
  const local = { ...context, files: readOnce(context.files) };
  const loaded = await loadFiles(request.files, local);
  const prepared = await withEstate(toRead(context), loaded, undefined, async ({ state, connection, warnings }) => {
    const { document } = loaded;
    if (!document) return failure(loaded.findings, state.name);
    // The loader checked it against the schema that the type is made from.
    const estate = document.value as EstateFile;
    const ports = askOnce(connection.ports);
    const records = openRunRecords(request, state, ports, local);
    const plan = await makePlan({ state, warnings, records }, { files: request.files }, ports, local);
    return prepare(request, { estate, document, state, plan }, { ports, records }, local);
  });
  if ('failed' in prepared) return prepared;
  const approved = await approve(prepared);
  if (typeof approved !== 'boolean') return refusal([approved], prepared.estate);
  return approved ? writeAll(prepared, context.files) : { ...prepared, declined: true };
}

function mistakeOf({ files, accept }: AcceptRequest): Finding | undefined {
  const alone = (detail: string) => finding('cli.accept-alone', { detail });
  if (files.includes(standardInput))
    return alone('Standard input cannot be edited.\nName the estate file instead of -.');
  if (accept.includes('all') && accept.length > 1)
    return alone('"all" accepts every difference.\nLeave out the other names.');
  return undefined;
}

/** What the plan of what is live and its proof are made with. */
type Asked = Required<Pick<Wanted, 'records'>> & { readonly ports: ReadPorts };

/** Everything but the question and the writing. */
async function prepare(
  request: AcceptRequest,
  accepting: Accepting,
  { ports, records }: Asked,
  context: ReadContext,
): Promise<AcceptedDrift | Failure> {
  const { name } = accepting.state;
  const { accepted, refused } = answerAll(request.accept, accepting);
  if (refused.length > 0) return refusal(refused, name);
  const edited = await editFiles(accepted, context);
  if ('code' in edited) return refusal([edited], name);
  const files = withTexts(context.files, edited);
  const { state, findings } = await loadFiles(request.files, { ...context, files });
  if (!state) return refusal([unsound(), ...findings.filter(({ severity }) => severity === 'error')], name);
  const proof = await makePlan({ state, warnings: findings, records }, { files: request.files }, ports, {
    ...context,
    files,
  });
  const settled = distinctDifferences(accepted.flatMap(one => one.settled));
  const wrong = proofFindings(accepting.plan, proof, settled);
  if (wrong.length > 0) return refusal(wrong, name);
  const known = new Set(accepting.plan.findings.map(findingIdentity));
  const warnings = proof.findings.filter(one => one.severity === 'warning' && !known.has(findingIdentity(one)));
  return { estate: name, accepted: settled.map(acceptedOf), files: edited, warnings };
}

function unsound(): Finding {
  return finding('drift.accept-unproved', {
    detail: 'With the live values, the file would have the errors below.\nApply the plan, or correct the live values.',
  });
}

function acceptedOf({ target, change }: Difference): AcceptedDifference {
  const { key, item, before, after, source } = change;
  return {
    ...{ target, key, item },
    ...(after !== undefined && { expected: after }),
    ...(before !== undefined && { accepted: before }),
    ...(source && { where: source }),
  };
}

/** Every file that changes, before and after; or why one cannot be edited. */
async function editFiles(
  accepted: readonly Accepted[],
  { files, schemas }: ReadContext,
): Promise<readonly EditedFile[] | Finding> {
  const edited: EditedFile[] = [];
  const estateEdits = groupBy(
    accepted.flatMap(one => one.edits),
    one => one.file,
  );
  for (const [file, edits] of estateEdits) {
    const before = await textOf(file, files);
    const result = editEstate(before, inOrder(edits), schemas.estate);
    if ('refused' in result) return notEdited(file, result.refused);
    edited.push({ file, before, after: result.text });
  }
  const memberEdits = groupBy(
    accepted.flatMap(one => one.memberFiles ?? []),
    one => one.file,
  );
  for (const [file, edits] of memberEdits) {
    const before = await textOf(file, files);
    const result = editMembers(before, edits, /\.csv$/i.test(file));
    if ('refused' in result) return notEdited(file, result.refused);
    edited.push({ file, before, after: result.text });
  }
  return edited;
}

function notEdited(file: string, why: string): Finding {
  return finding('drift.not-expressible', { detail: `${file}: ${why}`, where: { file, line: 1 } });
}

/** With a byte order mark, which stays. That it is UTF-8 was seen when it was loaded. */
async function textOf(file: string, files: LocalFiles): Promise<string> {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await files.read(file));
}

/** Each edit once; of one list, entries are removed from its end on, and new ones go behind those that are left. */
function inOrder(placed: readonly PlacedEdit[]): readonly PlacedEdit['edit'][] {
  const edits = [...new Map(placed.map(({ edit }) => [canonicalJson(edit), edit])).values()];
  const last = (edit: PlacedEdit['edit']) => Number(edit.path.at(-1));
  const ofList = edits.filter(edit => typeof edit.path.at(-1) === 'number');
  const removed = ofList.filter(edit => edit.value === undefined).toSorted((a, b) => last(b) - last(a));
  const lists = groupBy(
    ofList.filter(edit => edit.value !== undefined),
    edit => canonicalJson(edit.path.slice(0, -1)),
  );
  const added = [...lists].flatMap(([list, adds]) => {
    const fewer = removed.filter(edit => canonicalJson(edit.path.slice(0, -1)) === list).length;
    return adds.map((edit, at) => ({ ...edit, path: [...edit.path.slice(0, -1), last(edit) - fewer + at] }));
  });
  return [...edits.filter(edit => !ofList.includes(edit)), ...removed, ...added];
}

/** Files that are read once: what was loaded is what is edited. */
function readOnce(files: LocalFiles): LocalFiles {
  const read = new Map<string, ReturnType<LocalFiles['read']>>();
  const regular = new Map<string, ReturnType<LocalFiles['readRegular']>>();
  return {
    ...files,
    read: (path, limit) => once(read, path, () => files.read(path, limit)),
    readRegular: (path, limit, below) => once(regular, path, () => files.readRegular(path, limit, below)),
  };
}

/** Files some of which have another text. */
function withTexts(files: LocalFiles, edited: readonly EditedFile[]): LocalFiles {
  const texts = new Map(edited.map(({ file, after }) => [file, new TextEncoder().encode(after)]));
  return {
    ...files,
    read: async (path, limit) => texts.get(path) ?? files.read(path, limit),
    readRegular: (path, limit, below) => texts.get(path) ?? files.readRegular(path, limit, below),
  };
}

/** Ports that ask a host each question once. */
function askOnce(ports: ReadPorts): ReadPorts {
  const readers = new Map<string, HostReader>();
  return { ...ports, host: name => once(readers, name, () => remembering(ports.host(name))) };
}

function remembering(reader: HostReader): HostReader {
  const files = new Map<string, ReturnType<HostReader['files']>>();
  const queries = new Map<string, ReturnType<HostReader['query']>>();
  return {
    files: candidates => once(files, canonicalJson(candidates), () => reader.files(candidates)),
    query: command => once(queries, canonicalJson(command), () => reader.query(command)),
    clock: () => reader.clock(),
    guard: () => reader.guard(),
    startRecord: service => reader.startRecord(service),
  };
}

function once<T>(answers: Map<string, T>, question: string, ask: () => T): T {
  const known = answers.get(question) ?? ask();
  answers.set(question, known);
  return known;
}

/** Writes every file, unless one is no longer what it was. */
async function writeAll(prepared: AcceptedDrift, files: LocalFiles): Promise<AcceptedDrift | Failure> {
  const { estate } = prepared;
  for (const { file, before } of prepared.files)
    if ((await textOf(file, files).catch(() => undefined)) !== before) return refusal([changed(file)], estate);
  const written: string[] = [];
  for (const { file, after } of prepared.files) {
    const problem = await files.replace(file, after).then(
      () => undefined,
      (error: unknown) => unwritableFile(file, error),
    );
    if (problem) return failure([withWritten(problem, written)], estate);
    written.push(file);
  }
  return prepared;
}

function changed(file: string): Finding {
  return finding('drift.accept-changed', {
    detail: `${file} was changed while the servers were read. No file was written.\nRun the command again.`,
    where: { file, line: 1 },
  });
}

function withWritten(problem: Finding, written: readonly string[]): Finding {
  if (written.length === 0) return problem;
  return { ...problem, detail: `${problem.detail}\nThese files were written already: ${written.join(', ')}.` };
}
