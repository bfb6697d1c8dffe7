import type { LikelyCause, VerifiedHop, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { findingCases, toldBeside } from './finding-cases.ts';
import type { Case, Suite } from './suite.ts';

/** A verification: a case for each look-up and each thing that mail depends on, by host. */
export function verifySuites({ cells, mail, findings }: VerifyReport): readonly Suite[] {
  const hosts = [...new Set([...cells, ...mail].map(({ host }) => host))];
  // What a finding says of a look-up is told with that.
  const told = new Set(cells.flatMap(({ problem }) => problem ?? []));
  const others = findings.filter(({ code }) => !told.has(code));
  return [
    {
      name: 'estate',
      cases: [{ name: 'the file' }, ...findingCases(others)],
      ...toldBeside(others),
    },
    ...hosts.map(host => ({
      name: host,
      cases: [
        ...cells
          .filter(cell => cell.host === host)
          .map(({ from, to, way, account, problem, ...rest }) =>
            verifiedCase(
              `${from} asks ${to} about ${account} (${way})`,
              problem ?? `verify/${from}-${to}-${way}`,
              rest,
            ),
          ),
        ...mail.filter(one => one.host === host).map(({ what, ...rest }) => verifiedCase(what, 'verify/mail', rest)),
      ],
    })),
  ];
}

interface Verified {
  readonly state: VerifiedMail['state'];
  readonly detail: string;
  readonly causes: readonly LikelyCause[];
  readonly hops?: readonly VerifiedHop[];
}

function verifiedCase(name: string, type: string, { state, detail, causes, hops = [] }: Verified): Case {
  if (state === 'works') return { name };
  const text = [
    ...hops.map(({ method, url, came }) => `${method} ${url}: ${came}`),
    ...causes.map(({ target, key, why }) => `Most likely: ${target} ${key}. ${why}`),
  ].join('\n');
  return { name, outcome: { form: state === 'fails' ? 'failure' : 'skipped', type, message: detail, text } };
}
