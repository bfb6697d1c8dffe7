import { accountSearches } from '../accounts/account-searches.ts';
import { findWriteRefusal } from '../accounts/modify-accounts.ts';
import type { DesiredState } from '../core/desired.ts';
import { type ExaminedStep, foundStep, skippedStep } from '../core/examination.ts';
import { distinctFindings, type Finding, TargetProblem } from '../core/finding.ts';
import { count } from '../core/units.ts';
import { type FindingCode, finding, hasCode } from '../findings/catalogue.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { DirectoryProbe, DirectoryReader, WouldModify } from '../ports/directory.ts';
import type { ExaminePorts } from '../ports/ports.ts';
import {
  connectedSteps,
  failedStep,
  failedStepOf,
  lateStep,
  makeStep,
  patience,
  type StepFound,
  skippedSteps,
} from './doctor-steps.ts';

const connectOrder = ['name', 'port', 'tls', 'login'] as const;

/** What the directory's kinds say of it as a whole, by the step that it belongs to; `schema` has all others. */
const saidIn = {
  password: ['directory.password-expiring'],
  indexes: ['directory.index-missing', 'directory.uniqueness-not-enforced', 'directory.not-checked'],
  referrals: ['directory.referral-entry', 'directory.referral'],
} as const satisfies Readonly<Record<string, readonly FindingCode[]>>;

const aboutWhole = ['password', 'schema', 'referrals', 'indexes'] as const;
const ownSteps = [...aboutWhole, 'limits', 'rights'] as const;

/** More entries than the limits that servers come with: 500 of OpenLDAP, 2,000 and 5,000 of Sun's and 389. */
const probed = 5_001;

/** Everything that is looked at in the directory. */
export async function examineDirectory(
  state: DesiredState,
  ports: ExaminePorts,
  now: () => number,
): Promise<readonly ExaminedStep[]> {
  const reached = await ports.reach('directory');
  const connected = connectedSteps(connectOrder, reached);
  const failed = failedStepOf(reached);
  const servers = await serversSteps(state, ports, now());
  if (failed !== undefined) return [...connected, ...servers, ...skippedSteps(ownSteps, failed)];
  const accounts: string[] = [];
  const [whole, limits] = await Promise.all([
    wholeSteps(state, ports),
    makeStep('directory', 'limits', () => limitsStep(state, ports.directory(), accounts), ports, patience.long),
  ]);
  return [...connected, ...servers, ...whole, limits, await rightsStep(state, ports, accounts[0])];
}

/** Where there are several servers, or certificates, each server is looked at by itself. */
async function serversSteps(
  { directory }: DesiredState,
  ports: ExaminePorts,
  now: number,
): Promise<readonly ExaminedStep[]> {
  const encrypted = directory.startTls || directory.url.startsWith('ldaps:');
  if (directory.otherUrls.length === 0 && !encrypted) return [];
  const look = async () => {
    const found = await Promise.all(ports.directoryServers().map(probe => serverFound(probe, directory.base, now)));
    return {
      detail: found.map(({ detail }) => detail).join('; '),
      findings: found.flatMap(({ findings = [] }) => findings),
    };
  };
  return [await makeStep('directory', 'servers', look, ports)];
}

/** One that cannot be used is a warning: whether any is left, the steps of the connection say. */
async function serverFound(probe: DirectoryProbe, base: string, now: number): Promise<StepFound> {
  const { url } = probe;
  try {
    const { tls } = await probe.reach();
    const accepts = acceptsWords(await probe.takesChanges(base));
    const until = tls && `certificate until ${new Date(tls.endsAt).toISOString().slice(0, 10)}`;
    const detail = [`${url}: ${accepts}`, ...(tls ? [tls.version, tls.cipher, until] : [])].join(', ');
    const ends = tls !== undefined && tls.endsAt - now < certificateWarning;
    return { detail, findings: ends ? [certificateEnds(url, tls.endsAt)] : [] };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    const { detail } = problem.finding;
    return {
      detail: `${url}: cannot be used`,
      findings: [finding('directory.server-down', { detail, target: 'directory' })],
    };
  }
}

/** The right to change the base itself is needed by nobody. */
function acceptsWords(answer: WouldModify): string {
  if (answer.state === 'elsewhere') return 'refers changes to another server';
  if (answer.state === 'unknown') return 'does not say whether it accepts changes';
  return answer.state === 'takes' || answer.why === 'rights' ? 'accepts changes' : 'accepts no changes';
}

/** Milliseconds before its end from which a certificate is a warning. */
const certificateWarning = 30 * 86_400_000;

function certificateEnds(url: string, endsAt: number): Finding {
  const detail = `The certificate of ${url} ends at ${new Date(endsAt).toISOString().slice(0, 16)}Z.\nRenew it before that. Otherwise nothing can be read or written.`;
  return finding('directory.certificate-ending', { detail, target: 'directory' });
}

/** What every plan looks at before the accounts: asked once, and told apart by what it is about. */
async function wholeSteps(state: DesiredState, ports: ExaminePorts): Promise<readonly ExaminedStep[]> {
  const targets = targetsOf(state).filter(({ target }) => target === 'directory');
  try {
    const asked = Promise.all(targets.map(target => target.inspect(ports)));
    const said = await ports.inTime(asked, patience.long);
    if (!said) return schemaFailed(lateStep('directory', 'schema', patience.long));
    const findings = distinctFindings(said.value.flat());
    return aboutWhole.map(step => wholeStep(step, findings));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return schemaFailed(failedStep('schema', problem.finding));
  }
}

function schemaFailed(failed: ExaminedStep): readonly ExaminedStep[] {
  return aboutWhole.flatMap(step => (step === 'schema' ? [failed] : skippedSteps([step], 'schema')));
}

const nothingWrong: Readonly<Record<(typeof aboutWhole)[number], string>> = {
  password: 'the server announces no end of it',
  schema: 'has what is written and searched for',
  referrals: 'nothing below the base is elsewhere',
  indexes: 'those that searches for accounts need',
};

function wholeStep(step: (typeof aboutWhole)[number], findings: readonly Finding[]): ExaminedStep {
  const own = findings.filter(one => stepOf(one) === step);
  const [first] = own;
  if (first && own.every(one => hasCode(one, 'directory.not-checked'))) return skippedStep(step, first.summary, own);
  const worst = own.find(({ severity }) => severity !== 'note');
  return foundStep(step, worst?.summary ?? nothingWrong[step], own);
}

function stepOf(one: Finding): string {
  return Object.entries(saidIn).find(([, codes]) => hasCode(one, ...codes))?.[0] ?? 'schema';
}

/**
 * Reads names of accounts until there are more than servers give by default: a limit for this identity shows itself, whatever
 * kind of server it is and whatever it calls the limit.
 */
async function limitsStep(
  { directory }: DesiredState,
  reader: DirectoryReader,
  accounts: string[],
): Promise<StepFound> {
  let [entries, whole] = [0, true];
  for (const search of accountSearches(directory)) {
    for await (const { dn } of reader.search({ ...search, attributes: ['1.1'] })) {
      if (accounts.length === 0) accounts.push(dn);
      entries++;
      if (entries < probed) continue;
      whole = false;
      break;
    }
    if (!whole) break;
  }
  if (entries === 0) return { detail: 'no account is found', findings: [noAccounts(directory.base)] };
  return { detail: `${count(entries, 'account')} read without a limit${whole ? '' : '; there are more'}` };
}

function noAccounts(base: string): Finding {
  const detail = `No entry below ${base} matches directory.accounts for this identity.\nCheck the base, the filters, and the rights of the bind entry.`;
  return finding('directory.no-accounts', { detail, target: 'directory' });
}

/** Whether one account could be changed, asked in a way that changes nothing. */
async function rightsStep(state: DesiredState, ports: ExaminePorts, dn: string | undefined): Promise<ExaminedStep> {
  if (dn === undefined) return skippedStep('rights', 'no account is known to ask about');
  return makeStep('directory', 'rights', () => rightsFound(state, ports, dn), ports);
}

async function rightsFound(
  { directory: { uniqueId, localUser } }: DesiredState,
  ports: ExaminePorts,
  dn: string,
): Promise<StepFound> {
  const attributes = [uniqueId.attribute, localUser.attribute, 'objectClass'];
  const answer = await ports.wouldModify(dn, attributes);
  const refusal = findWriteRefusal(answer);
  if (refusal) return { detail: refusal.summary, findings: [refusal] };
  const known = answer.state === 'takes';
  return {
    detail: known ? `takes changes of ${attributes.join(', ')}` : 'the server does not say; a change will show',
  };
}
