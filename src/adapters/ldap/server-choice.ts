import { TargetProblem } from '../../core/finding.ts';
import { hasCode } from '../../findings/catalogue.ts';
import type { PassedOver } from '../../ports/directory.ts';
import type { Endpoint } from './endpoint.ts';
import { takesChanges } from './modify.ts';
import { directoryProblem, WireLost } from './problem.ts';
import type { Session } from './session.ts';

/** What a run does with the directory: one that writes needs a server that takes changes. */
export type Use = 'read' | 'write';

/** A server of the list with which a run stays to its end, and those that it does not use, with the reasons. */
export interface Choice {
  readonly session: Session;
  readonly passedOver: readonly PassedOver[];
}

/** A server that answers and takes no changes. */
interface ReadOnly {
  readonly session: Session;
  readonly passedOver: PassedOver;
}

/**
 * Reading uses the first server that can be reached. Writing uses the first that takes changes of the entries at `bases`; where
 * none does, the first that can be reached, so that the plan can still be read and the refusal names every server. A login
 * that was refused ends the search: each further server would count it against the same account. Throws TargetProblem.
 */
export async function chooseServer(
  endpoints: readonly Endpoint[],
  open: (endpoint: Endpoint) => Promise<Session>,
  bases: readonly string[],
  use: Use,
): Promise<Choice> {
  const problems: TargetProblem[] = [];
  const passedOver: PassedOver[] = [];
  let reserve: ReadOnly | undefined;
  for (const endpoint of endpoints)
    try {
      const session = await open(endpoint);
      const readOnly = use === 'write' && endpoints.length > 1 ? await refusesChanges(session, bases) : undefined;
      if (readOnly === undefined) {
        reserve?.session.wire.close();
        return { session, passedOver };
      }
      passedOver.push(readOnly);
      if (reserve) session.wire.close();
      reserve ??= { session, passedOver: readOnly };
    } catch (error) {
      if (!(error instanceof TargetProblem) || !hasCode(error.finding, 'directory.unreachable')) {
        reserve?.session.wire.close();
        throw error;
      }
      problems.push(error);
      passedOver.push({ url: endpoint.url, why: 'unreachable', detail: error.finding.detail });
    }
  if (reserve) return { session: reserve.session, passedOver: passedOver.filter(one => one !== reserve?.passedOver) };
  const [only] = problems;
  if (only && problems.length === 1) throw only;
  throw directoryProblem('directory.unreachable', ...problems.flatMap(({ finding }) => finding.detail.split('\n')));
}

/** Why a server takes no change of any entry, whoever asks; a right that this identity lacks is no such reason. */
async function refusesChanges(session: Session, bases: readonly string[]): Promise<PassedOver | undefined> {
  const { url } = session.endpoint;
  for (const base of bases) {
    const answer = await takesChanges(session, base).catch(error => {
      session.wire.close();
      if (!(error instanceof WireLost)) throw error;
      throw directoryProblem(
        'directory.unreachable',
        `${url}: ${error.message}`,
        'It was being asked whether it takes changes.',
      );
    });
    if (answer.state === 'elsewhere' || (answer.state === 'refused' && answer.why !== 'rights'))
      return { url, why: 'takes-no-changes', detail: answer.detail };
  }
  return undefined;
}
