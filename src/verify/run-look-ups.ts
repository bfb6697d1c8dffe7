import { inFlight } from '../core/collections.ts';
import {
  type Answering,
  answeringHosts,
  type DesiredCs6Host,
  type DesiredCs7Host,
  type DesiredState,
} from '../core/desired.ts';
import type { LikelyCause, VerifiedCell } from '../core/verification.ts';
import type { FreeBusyAnswer, FreeBusyReader, LookUpAnswer } from '../ports/free-busy.ts';
import { routesOf, scheduleUrl } from '../products/cs6.ts';
import { domainOf, type Probe } from './probe.ts';
import { harmOf, harmOfAsking, type Known, redirectUrl } from './provisioning-risk.ts';

/** How many questions are put to one host at once. All hosts are asked side by side: one that is slow holds up no other. */
const perHost = 4;

/** A cell of the matrix and what came, before it is judged. */
export interface Asked extends Pick<VerifiedCell, 'from' | 'to' | 'host' | 'way'> {
  readonly probe: Probe;
  /** It was not asked, because of this. */
  readonly harm?: LikelyCause;
  readonly answer?: LookUpAnswer;
}

/** All that came. */
export interface Answers {
  readonly cells: readonly Asked[];
  /** What a CS6 host says about an account from its own database; nothing where it could not be asked. */
  own(host: string, mail: string): FreeBusyAnswer | undefined;
}

/** Where and about whom to ask. */
export interface Questions {
  readonly state: DesiredState;
  readonly known: Known;
  readonly frontEnds: readonly Answering<DesiredCs6Host>[];
  readonly probes: readonly Probe[];
}

interface Task {
  readonly host: string;
  readonly ask: () => Promise<void>;
}

/** Asks every question; whatever comes is an answer. */
export async function askAll(questions: Questions, reader: FreeBusyReader): Promise<Answers> {
  const { probes, frontEnds, known } = questions;
  const own = new Map<string, FreeBusyAnswer>();
  const owners = probes.flatMap(probe =>
    frontEnds.flatMap((host): readonly Task[] => {
      if (harmOfAsking(host, probe, known)) return [];
      const ask = async () => {
        own.set(`${host.name} ${probe.mail}`, await reader.ask({ http: host.http, side: 'cs6', mail: probe.mail }));
      };
      return [{ host: host.name, ask }];
    }),
  );
  const cells = probes.flatMap(probe => cellsOf(probe, questions, reader));
  const asked: Asked[] = cells.map(({ cell }) => cell);
  const lookUps = cells.flatMap(({ cell, ask: lookUp }, i): readonly Task[] => {
    if (!lookUp) return [];
    const ask = async () => {
      asked[i] = { ...cell, answer: await lookUp() };
    };
    return [{ host: cell.host, ask }];
  });
  await sideBySide([...owners, ...lookUps]);
  return { cells: asked, own: (host, mail) => own.get(`${host} ${mail}`) };
}

async function sideBySide(tasks: readonly Task[]): Promise<void> {
  const hosts = [...new Set(tasks.map(({ host }) => host))];
  const drain = async (own: readonly Task[]) => {
    for await (const _ of inFlight(
      own,
      () => perHost,
      ({ ask }) => ask(),
    ));
  };
  await Promise.all(hosts.map(name => drain(tasks.filter(({ host }) => host === name))));
}

interface Cell {
  readonly cell: Asked;
  readonly ask?: () => Promise<LookUpAnswer>;
}

function cellsOf(probe: Probe, questions: Questions, reader: FreeBusyReader): readonly Cell[] {
  const { state, frontEnds } = questions;
  const wcap = [
    ...frontEnds.map(host => wcapCell(host, 'cs6', probe, questions, reader)),
    ...answeringHosts(state, 'cs7').map(host => wcapCell(host, 'cs7', probe, questions, reader)),
  ];
  if (probe.side === 'cs7') return wcap;
  const routes = routesOf(state, domainOf(probe.mail));
  return [...wcap, ...routes.map(host => scheduleCell(host, probe, questions, reader))];
}

/** As a client of `from` asks. */
function wcapCell(
  host: Answering<DesiredCs6Host> | Answering<DesiredCs7Host>,
  from: 'cs6' | 'cs7',
  probe: Probe,
  { state, known }: Questions,
  reader: FreeBusyReader,
): Cell {
  const harm = harmOf(probe, host, state, known);
  const cell = { from, to: probe.side, host: host.name, way: 'wcap', probe } as const;
  if (harm) return { cell: { ...cell, harm } };
  const redirect = host.product === 'cs6' ? redirectUrl(host) : undefined;
  const question = { http: host.http, side: from, mail: probe.mail, ...(redirect !== undefined && { redirect }) };
  return { cell, ask: () => reader.lookUp(question) };
}

/** As CS7 asks. Its own request names the user who asks; any account of CS7 will do, and where there is none the one that is asked about. */
function scheduleCell(
  host: Answering<DesiredCs6Host>,
  probe: Probe,
  { state, known, probes }: Questions,
  reader: FreeBusyReader,
): Cell {
  const harm = harmOf(probe, host, state, known);
  const cell = { from: 'cs7', to: 'cs6', host: host.name, way: 'ischedule', probe } as const;
  if (harm) return { cell: { ...cell, harm } };
  const organizer = probes.find(({ side }) => side === 'cs7')?.mail ?? probe.mail;
  return { cell, ask: () => reader.schedule({ url: scheduleUrl(host), organizer, attendee: probe.mail }) };
}
