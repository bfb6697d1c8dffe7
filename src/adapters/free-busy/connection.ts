import type { ClientRequest } from 'node:http';
import type { LookUpFailure } from '../../ports/free-busy.ts';
import { NoAnswer } from './no-answer.ts';

/** How far a connection came. */
export type Stage = 'dialling' | 'handshake' | 'open';

/** Follows the connection of a request; hands back what tells its stage. */
export function followStage(sent: ClientRequest): () => Stage {
  let stage: Stage = 'dialling';
  sent.on('socket', socket => {
    const encrypted = 'encrypted' in socket;
    socket.once('connect', () => {
      stage = encrypted ? 'handshake' : 'open';
    });
    socket.once('secureConnect', () => {
      stage = 'open';
    });
  });
  return () => stage;
}

/** What an error on a connection that came so far means to who asked. */
export function noAnswerOf(error: unknown, stage: Stage): NoAnswer {
  return new NoAnswer(failureOf(error, stage), wordsOf(error));
}

function failureOf(error: unknown, stage: Stage): LookUpFailure {
  if (stage !== 'open') return stage === 'handshake' ? 'tls' : 'unreachable';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Codes of Node's HTTP parser: more headers than it takes (16 KB), or no HTTP at all.
  if (/^HPE_.*_OVERFLOW$/.test(code)) return 'too-large';
  return code.startsWith('HPE_') ? 'unreadable' : 'cut-short';
}

/** Where a name has several addresses and none answers, Node's error has one inside for each and says nothing itself. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
