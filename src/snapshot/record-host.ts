import type { Access } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import type { Command, CommandResult, FileReading, HostReader } from '../ports/host.ts';
import type { Answer, FileRecord, HostLine } from './format.ts';
import { redactFile, redactOutput } from './redact.ts';

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
  const looked = new Set<string>();
  let clock: Answer<number> | undefined;
  const watched = (reading: FileReading): FileReading => ({
    ...reading,
    get content() {
      looked.add(reading.asked);
      return reading.content;
    },
  });
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
      commands.set(JSON.stringify(command), { command, answer });
      return given(answer);
    },
    clock: async () => {
      clock = await answered(host.clock());
      return given(clock);
    },
    // What is going to happen on a host is no part of what it is.
    guard: () => host.guard(),
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
        access: { address, port, user },
        files: [...files].map(([asked, one]) =>
          'problem' in one ? { asked, ...one } : { asked, answer: one.answer.map(fileOf) },
        ),
        commands: [...commands.values()].map(({ command, answer }) =>
          'problem' in answer || answer.answer.state === 'absent'
            ? { command, ...answer }
            : { command, answer: { ...answer.answer, output: count(redactOutput(command, answer.answer.output)) } },
        ),
        ...(clock && { clock }),
        masked,
      };
    },
  };
}

function known(reading: FileReading): Known {
  const { asked, path, modified, owner, mode, link } = reading;
  return { asked, path, modified, owner, mode, link, reading };
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
