import type { Access } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { finding } from '../findings/catalogue.ts';
import type { Command, CommandResult, FileReading, HostReader, StartRecord } from '../ports/host.ts';
import { redactFile, redactOutput } from './redact.ts';
import type { Answer, FileRecord, HostLine, StartLine } from './snapshot-format.ts';

/**
 * What a plan would have to read and the snapshot does not hold: never taken for something that is not there. With
 * `further`, the options that a new snapshot needs, the command that takes it is named.
 */
export function notInIt(target: string, what: string, remedy: string, further?: readonly string[]): TargetProblem {
  return new TargetProblem(
    finding('snapshot.not-in-it', {
      detail: `${target}: ${what}\nIts state is not known, so reconcile concludes nothing from it. ${remedy}`,
      target,
      next: further && [nextCommands.snapshot('live.jsonl.gz', further)],
    }),
  );
}

/** A host that is read as always, and what it has answered so far. */
export interface HostRecorder extends HostReader {
  line(): HostLine;
}

type Known = Omit<FileRecord, 'content'> & { readonly reading: FileReading };

/**
 * Records what is asked and answered, without the secrets in it. Of a file the content is kept only where somebody looked
 * at it: a file of which nothing but its age counts may hold anything.
 */
export function recordHost(name: string, { address, port, user }: Access, host: HostReader): HostRecorder {
  const files = new Map<string, Answer<readonly Known[]>>();
  const commands = new Map<string, { readonly command: Command; readonly answer: Answer<CommandResult> }>();
  const starts = new Map<string, Answer<StartRecord | undefined>>();
  const looked = new Set<string>();
  const readings = new WeakMap<FileReading, FileReading>();
  let clock: Answer<number> | undefined;
  const watched = (reading: FileReading): FileReading => {
    const made: FileReading = {
      ...reading,
      get content() {
        looked.add(reading.asked);
        return reading.content;
      },
    };
    readings.set(made, reading);
    return made;
  };
  return {
    files: async candidates => {
      const answer = await answered(host.files(candidates));
      for (const asked of candidates)
        files.set(
          asked,
          'problem' in answer ? answer : { answer: answer.answer.filter(f => f.asked === asked).map(known) },
        );
      return given(answer).map(watched);
    },
    query: async command => {
      const answer = await answered(host.query(command));
      commands.set(JSON.stringify(wordsOf(command)), { command: wordsOf(command), answer });
      return given(answer);
    },
    clock: async () => {
      clock = await answered(host.clock());
      return given(clock);
    },
    // What is going to happen on a host is no part of what it is.
    guard: () => host.guard(),
    startRecord: async service => {
      const answer = await answered(host.startRecord(service));
      starts.set(service, answer);
      const record = given(answer);
      // To compare it with a record is not to look at it.
      return record && { ...record, holds: file => record.holds(readings.get(file) ?? file) };
    },
    line: () => {
      let masked = 0;
      const count = ({ text, count: more }: ReturnType<typeof redactFile>) => {
        masked += more;
        return text;
      };
      const fileOf = ({ reading, ...facts }: Known): FileRecord =>
        looked.has(facts.asked) ? { ...facts, content: count(redactFile(reading.content.toString('latin1'))) } : facts;
      return {
        line: 'host',
        name,
        access: { address, ...(port !== undefined && { port }), ...(user !== undefined && { user }) },
        files: [...files].map(([asked, one]) =>
          'problem' in one ? { asked, ...one } : { asked, answer: one.answer.map(fileOf) },
        ),
        commands: [...commands.values()].map(({ command, answer }) =>
          'problem' in answer || answer.answer.state === 'absent'
            ? { command, ...answer }
            : { command, answer: { ...answer.answer, output: count(redactOutput(command, answer.answer.output)) } },
        ),
        ...(clock && { clock }),
        ...(starts.size > 0 && { starts: [...starts].flatMap(([service, one]) => startOf(service, one, files)) }),
        masked,
      };
    },
  };
}

/** What a command is, without how it is asked. */
function wordsOf({ words, directories, environment, as, find }: Command): Command {
  const how = { ...(environment && { environment }), ...(as !== undefined && { as }), ...(find && { find }) };
  return { words, ...(directories && { directories }), ...how };
}

function known(reading: FileReading): Known {
  const { asked, path, modified, changed, owner, mode, link } = reading;
  return { asked, path, modified, ...(changed !== undefined && { changed }), owner, mode, link, reading };
}

/** A record and what it says of the files that were read; none where there is no record. */
function startOf(
  service: string,
  start: Answer<StartRecord | undefined>,
  files: ReadonlyMap<string, Answer<readonly Known[]>>,
): readonly ({ readonly service: string } & Answer<StartLine>)[] {
  if ('problem' in start) return [{ service, ...start }];
  if (!start.answer) return [];
  const { processes, holds } = start.answer;
  const read = [...files.values()].flatMap(one => ('problem' in one ? [] : one.answer));
  const known = new Map(read.map(({ path, reading }) => [path, holds(reading)]));
  const said = [...known].flatMap(([path, same]) => (same === undefined ? [] : [{ path, same }]));
  return [{ service, answer: { processes, files: said } }];
}

/** What came, or the problem there was; anything else that is thrown is a mistake of ours. */
async function answered<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { answer: await asked };
  } catch (problem) {
    if (problem instanceof TargetProblem) return { problem: problem.finding };
    throw problem;
  }
}

/** The answer, or its problem thrown. */
export function given<T>(answer: Answer<T>): T {
  if ('problem' in answer) throw new TargetProblem(answer.problem);
  return answer.answer;
}
