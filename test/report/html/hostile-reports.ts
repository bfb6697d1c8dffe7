import type { Change } from '../../../src/core/change.ts';
import { hostsOf } from '../../../src/core/desired.ts';
import type { Plan } from '../../../src/core/plan.ts';
import type { AuditReport, PlanReport, Report } from '../../../src/core/report.ts';
import type { VerifyReport } from '../../../src/core/verification.ts';
import { sampleComparisons, sampleEstate, samplePlan } from './sample-estate.ts';
import { auditReport, failedApplyReport, sizes, validateReport, verifyReport, withManaged } from './sample-reports.ts';

/** What somebody may put into a name or a value: markup that ends elements, quotes, what turns the direction round or hides. */
export const hostileText =
  "\"><img src=x onerror=alert(1)></script></style></title><script>alert(1)</script>' onload='x' &lt; &#60; \u202eevil\u2066 \u200b\ufeff\u00ad \u001b[2J \u0000 \ud800 {{x}} ${x} `";

/** The same in every text of a report that comes from outside; addresses, times and words that decide stay. */
export function spoil<T>(value: T, text: string): T {
  const decides = new Set([
    'command',
    'of',
    'exitCode',
    'stage',
    'kind',
    'action',
    'state',
    'severity',
    'side',
    'product',
    'from',
    'to',
    'way',
    'method',
    'direction',
    'origins',
    'http',
    'url',
    'id',
    'platform',
  ]);
  const visit = (part: unknown, key: string): unknown => {
    if (part === 'directory' || (decides.has(key) && typeof part === 'string')) return part;
    if (typeof part === 'string') return `${part} ${text}`;
    if (Array.isArray(part)) return part.map(one => visit(one, key));
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, visit(inner, name)]));
  };
  // Every text stays a text and everything else what it was.
  return visit(value, '') as T;
}

function spoiltPlan(text: string): PlanReport {
  const plan = samplePlan(sizes.middle);
  return {
    command: 'check',
    exitCode: 2,
    plan: { ...spoil(plan, text), desired: { ...spoil(plan.desired, text) } },
    refusals: [],
  };
}

/** Hosts, domains and accounts with names as long and as wide as names get. */
function wideNames(): PlanReport {
  const long = 'calendar-front-end-of-the-faculty-of-engineering.campus-north.example-university.example.com';
  const names = [
    long,
    '漢字漢字漢字漢字漢字漢字漢字漢字漢字',
    '😀😀😀😀😀😀😀😀😀😀😀😀😀😀',
    'WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW',
    'שלום-עולם-שלום-עולם-שלום-עולם',
  ];
  const desired = sampleEstate({ cs6: 9, cs7: 8, domains: 5, movers: 1 });
  const named = {
    ...desired,
    hosts: [
      ...hostsOf(desired, 'cs6').map((host, i) => ({ ...host, name: `${names[i % names.length]}${i}` })),
      ...hostsOf(desired, 'cs7').map((host, i) => ({
        ...host,
        name: `${names[i % names.length]}${i}`,
        domains: host.domains.map((domain, k) => ({ ...domain, domain: `${names[k % names.length]}.example.com` })),
      })),
    ],
    directory: { ...desired.directory, url: `ldaps://${long}:636` },
  };
  const plan = samplePlan({ cs6: 9, cs7: 8, domains: 5, movers: 1 }, sampleComparisons(desired, 3));
  const rename = new Map(desired.hosts.map((host, i) => [host.name, named.hosts[i]?.name ?? '']));
  const steps = plan.steps.map(step => ({ ...step, target: rename.get(step.target) ?? step.target }));
  return withManaged({ command: 'plan', exitCode: 2, plan: { ...plan, desired: named, steps }, refusals: [] });
}

/** Reports whose texts are all meant ill. */
export const hostileReports: Readonly<Record<string, () => Report>> = {
  'hostile-plan': () => spoiltPlan(hostileText),
  'hostile-run': () => spoil(failedApplyReport(), hostileText),
  'hostile-audit': () => spoil<AuditReport>(auditReport(), hostileText),
  'hostile-verify': () => spoil<VerifyReport>(verifyReport(), hostileText),
  'hostile-validate': () => spoil(validateReport(), hostileText),
  'wide-names': wideNames,
};

/** A plan with this many changes of accounts, each with these texts. */
export function hugePlan(changes: number, text: string): PlanReport {
  const plan: Plan = samplePlan(sizes.large);
  const change = (i: number): Change => ({
    action: 'update',
    item: `uid=user${i}${text},ou=People,o=isp`,
    key: 'davStore',
    before: `old${text === '' ? '' : i}${text}`,
    after: `defaultbackend${text}`,
    group: 'finance',
  });
  const steps = plan.steps.map(step =>
    step.stage === 'accounts' ? { ...step, changes: Array.from({ length: changes }, (_, i) => change(i)) } : step,
  );
  return withManaged({ command: 'plan', exitCode: 2, plan: { ...plan, steps }, refusals: [] });
}

/** All there is much of at once: hosts, cohorts, findings, steps that failed in ways of their own, each with these texts. */
export function hugeRun(many: number, text: string): Report {
  const { plan } = hugePlan(many, text);
  const [cohort] = plan.desired.cohorts;
  const finding = { severity: 'warning', summary: 'Something', detail: text, where: { file: text, line: 1 } } as const;
  const [host, other] = [hostsOf(plan.desired, 'cs6')[0], hostsOf(plan.desired, 'cs7')[0]];
  const numbers = Array.from({ length: many }, (_, i) => i);
  const big: Plan = {
    ...plan,
    desired: {
      ...plan.desired,
      cohorts: cohort ? numbers.map(i => ({ ...cohort, name: `${text}${i}` })) : [],
      hosts: [
        ...(host ? numbers.map(i => ({ ...host, name: `cs6-${i}${text}` })) : []),
        ...(other ? numbers.map(i => ({ ...other, name: `cs7-${i}${text}` })) : []),
      ],
    },
    steps: numbers.flatMap(i =>
      plan.steps
        .filter(({ stage }) => stage === 'cs6-config' || stage === 'accounts')
        .slice(0, 2)
        .map(step => ({
          ...step,
          id: `${step.id}${i}`,
          target: step.stage === 'accounts' ? 'directory' : `cs6-${i}${text}`,
          changes: step.changes
            .slice(0, 5)
            .map(change => ({ ...change, before: `${i}${text}`, after: text, reason: text, group: `${text}${i}` })),
        })),
    ),
    findings: numbers.map(i => ({ ...finding, code: `area.code-${i}` })),
    ignored: plan.steps
      .flatMap(({ changes }) => [...changes])
      .slice(0, many)
      .map(change => ({ target: text, change, until: '2027-01-01', reason: text, owner: text })),
    unread: numbers.map(i => `cs7-${i}${text}`),
  };
  const run = {
    plan: plan.digest,
    journal: 'run',
    startedAt: '',
    endedAt: '',
    steps: big.steps.map(({ id, target, kind, changes }) => ({
      id,
      target,
      kind,
      results: changes.map((change, i) => ({ change, state: 'failed' as const, detail: `${text}${i}\n${text}` })),
    })),
    remaining: big.steps.map(({ target, kind, changes }) => ({ target, kind, changes })),
    unread: [],
  };
  return withManaged({ command: 'apply', exitCode: 1, plan: big, refusals: [], run });
}
