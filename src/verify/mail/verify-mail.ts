import type { DesiredCs7Host, DesiredState } from '../../core/desired.ts';
import { printable } from '../../core/printable.ts';
import type { VerifiedMail, VerifiedProbe } from '../../core/verification.ts';
import type { MailPorts } from '../../ports/ports.ts';
import { type MailSettings, readMailSettings } from './mail-settings.ts';
import { verifyAddress } from './probe-address.ts';

/** How the mail leg is looked at. */
export interface VerifyMailOptions {
  /** Sends one message to `verify.mail.to` too, where the file has that key; nothing is ever sent to anybody else. */
  readonly send: boolean;
}

/**
 * What invitations by mail (iMIP) depend on, as far as it can be seen without sending one: the address of each probe account, and
 * for each CS7 host its settings and whether the mail server greets it. Of CS6 no document says which settings name its mail server.
 */
export async function verifyMail(
  state: DesiredState,
  ports: MailPorts,
  probes: readonly Pick<VerifiedProbe, 'mail' | 'dn'>[],
  options: VerifyMailOptions,
): Promise<readonly VerifiedMail[]> {
  const [addresses, seen] = await Promise.all([
    Promise.all(probes.map(probe => verifyAddress(state, probe, ports))),
    Promise.all(state.cs7.map(host => verifyHost(host, ports))),
  ]);
  return [
    ...addresses,
    ...seen.flatMap(({ results }) => results),
    ...(options.send ? [await sendTrial(state, seen, ports)] : []),
  ];
}

interface SeenHost {
  readonly host: DesiredCs7Host;
  readonly results: readonly VerifiedMail[];
  /** Where the mail server greeted the host. */
  readonly server?: MailSettings['server'];
}

async function verifyHost(host: DesiredCs7Host, ports: MailPorts): Promise<SeenHost> {
  const { results, server } = await readMailSettings(host, ports);
  if (!server) return { host, results };
  const answer = await ports.mail().greet({ from: host.name, ...server });
  const greeting: VerifiedMail = {
    host: host.name,
    what: `EHLO to ${printable(server.server)}:${server.port}`,
    state: answer.state,
    detail: answer.detail,
    causes: answer.state === 'fails' ? serverCauses(host) : [],
  };
  return { host, results: [...results, greeting], ...(answer.state === 'works' && { server }) };
}

function serverCauses(host: DesiredCs7Host): VerifiedMail['causes'] {
  const why = 'it says which mail server this host is to use, and that one does not serve it';
  return ['notification.dav.smtphost', 'notification.dav.smtpport', 'notification.dav.smtpusessl'].map(key => ({
    target: host.name,
    key,
    why,
    source: host.options.find(({ name }) => name === key)?.source ?? host.source,
  }));
}

/** One message, from the first host that a mail server greeted. */
async function sendTrial(
  { verify, cs7 }: DesiredState,
  seen: readonly SeenHost[],
  ports: MailPorts,
): Promise<VerifiedMail> {
  const to = verify?.mailTo;
  const what = `a message to ${to ?? 'nobody'}`;
  const nothing = (detail: string): VerifiedMail => {
    return { host: cs7[0]?.name ?? 'directory', what, state: 'unknown', detail, causes: [] };
  };
  if (to === undefined) return nothing('verify.mail.to is not in the file, so nothing was sent');
  const first = seen.find(({ server }) => server !== undefined);
  if (!first?.server) return nothing('no mail server greeted any CS7 host, so nothing was sent');
  const text = `This is a trial message of "reconcile verify --mail", sent from ${first.host.name} by way of ${first.server.server}.\nThat it arrived shows that the way is open which invitations by mail take. Nobody needs to answer it.\n`;
  const answer = await ports
    .mail()
    .send({ from: first.host.name, ...first.server }, { to, subject: 'Trial message of reconcile verify', text });
  return { host: first.host.name, what, ...answer, causes: answer.state === 'fails' ? serverCauses(first.host) : [] };
}
