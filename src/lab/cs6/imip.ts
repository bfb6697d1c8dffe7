import { appendFileSync } from 'node:fs';
import type { ScheduleRequest } from '../freebusy/schedule-request.ts';
import { onHost } from '../place.ts';
import { imipLogPath } from './layout.ts';
import type { Cs6Server } from './server.ts';

/** Sends the invitation by mail (iMIP), which is what is wanted for somebody of the other server; here a line in a file. */
export function mailInvitation(server: Cs6Server, { organizer, uid }: ScheduleRequest, mail: string): void {
  const line = JSON.stringify({ sent: new Date().toISOString(), from: organizer, to: mail, uid });
  appendFileSync(onHost(server.prefix, imipLogPath(server.facts.data)), `${line}\n`);
}
