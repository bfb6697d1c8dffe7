import type { DesiredCs6Host } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { CommandResult, HostReader } from '../../ports/host.ts';
import { cscal } from '../../products/cs6.ts';
import { type ListedCalendar, parseListing } from './listing.ts';
import { excerpt, unexpected } from './service.ts';

/** Every calendar of a host. Throws TargetProblem unless the listing is whole and all of it is understood. */
export async function listAll(host: DesiredCs6Host, reader: HostReader): Promise<readonly ListedCalendar[]> {
  const result = await reader.query(cscal(host, 'list'));
  if (result.state === 'absent') throw unexpected(host.name, `cscal in ${host.sbin.join(' or ')}`, result);
  if (result.code !== 0) throw unexpected(host.name, './cscal list', result);
  const listing = parseListing(result.output);
  if ('problem' in listing) throw notAListing(host.name, listing.problem, result.output);
  return listing.calendars;
}

/** The calendars that `cscal` itself takes for those of an owner: the ones that a delete would take away. */
export async function listOwned(
  host: DesiredCs6Host,
  owner: string,
  reader: HostReader,
): Promise<readonly ListedCalendar[] | { readonly problem: string }> {
  const result = await reader.query(cscal(host, '-o', owner, 'list'));
  if (result.state === 'absent' || result.code !== 0) return { problem: problemOf(result) ?? 'it did not end well' };
  const listing = parseListing(result.output);
  return 'problem' in listing ? listing : listing.calendars;
}

/** Why a command did not do what it was asked for, as far as its exit says. */
export function problemOf(result: CommandResult): string | undefined {
  if (result.state === 'absent') return 'the command was not found';
  return result.code === 0 ? undefined : `it ended with ${result.code} and printed:\n${excerpt(result.output)}`;
}

function notAListing(host: string, problem: string, output: string): TargetProblem {
  return new TargetProblem(
    finding('calendars.listing-unclear', {
      detail: `${host}: ./cscal list: ${printable(problem)}\n${excerpt(output)}\nWhat is to be deleted is never guessed, and nothing was. Run the command there by hand and compare.`,
      target: host,
    }),
  );
}
