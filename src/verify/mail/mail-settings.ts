import type { DesiredCs7Host } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { VerifiedMail } from '../../core/verification.ts';
import { readOption } from '../../kinds/shared/davadmin.ts';
import type { MailServer } from '../../ports/mail.ts';
import type { ReadPorts } from '../../ports/ports.ts';

/** What a CS7 host is told about mail; `server` is absent where that names none that could be asked. */
export interface MailSettings {
  readonly results: readonly VerifiedMail[];
  readonly server?: Omit<MailServer, 'from'>;
}

type Said = Pick<VerifiedMail, 'state' | 'detail'>;

/** What each option must say. All that is known of them is recalled, and in no document at hand. */
const judges: Readonly<Record<string, (value: string) => Said>> = {
  'notification.dav.enableemailnotif': value =>
    /^(false|no|0)$/i.test(value)
      ? { state: 'fails', detail: `"${value}": CS7 sends no mail` }
      : { state: 'works', detail: value === '' ? 'not set, which means true' : `"${value}"` },
  'notification.dav.smtphost': value =>
    value === ''
      ? { state: 'fails', detail: 'not set: CS7 has no mail server, and its invitations reach nobody on CS6' }
      : { state: 'works', detail: `"${value}"` },
  'notification.dav.smtpport': value =>
    portOf(value) === undefined
      ? { state: 'fails', detail: `"${value}" is no port` }
      : { state: 'works', detail: value === '' ? 'not set, which means 25' : `"${value}"` },
  'notification.dav.smtpusessl': value => ({
    state: 'works',
    detail: value === '' ? 'not set, which means false' : `"${value}"`,
  }),
};

/** Reads the options with davadmin, as the host itself has them. */
export async function readMailSettings(host: DesiredCs7Host, ports: ReadPorts): Promise<MailSettings> {
  const names = Object.keys(judges);
  const values = await Promise.all(names.map(name => readValue(host, name, ports)));
  const results = names.map((name, i) => resultOf(host, name, values[i] ?? ''));
  const [, server, port, tls] = values.map(value => (typeof value === 'string' ? value : ''));
  const number = portOf(port ?? '');
  if (!server || number === undefined) return { results };
  return { results, server: { server, port: number, tls: /^(true|yes|1)$/i.test(tls ?? '') } };
}

async function readValue(host: DesiredCs7Host, name: string, ports: ReadPorts): Promise<string | TargetProblem> {
  try {
    return await readOption(host, ports.host(host.name), name);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem;
  }
}

function resultOf(host: DesiredCs7Host, name: string, value: string | TargetProblem): VerifiedMail {
  const about = { host: host.name, what: name };
  if (typeof value !== 'string') {
    const detail = `it could not be read: ${value.finding.summary}`;
    return { ...about, state: 'unknown', detail, causes: [] };
  }
  const shown = printable(value);
  const said = judges[name]?.(shown) ?? { state: 'works', detail: shown };
  const source = host.options.find(option => option.name === name)?.source ?? host.source;
  const why = `${name} is ${value === '' ? 'not set' : `"${shown}"`} on ${host.name}`;
  return { ...about, ...said, causes: said.state === 'fails' ? [{ target: host.name, key: name, why, source }] : [] };
}

/** 25 where nothing is set. */
function portOf(value: string): number | undefined {
  const port = value === '' ? 25 : Number(value);
  return /^\d*$/.test(value) && port >= 1 && port <= 65_535 ? port : undefined;
}
