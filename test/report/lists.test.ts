import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import type { PlanReport, Report } from '../../src/core/report.ts';
import { findingPages } from '../../src/findings/areas.ts';
import { renderGithub } from '../../src/report/github.ts';
import { renderJunit } from '../../src/report/junit/render-junit.ts';
import { renderSarif } from '../../src/report/sarif.ts';
import { renderText } from '../../src/report/text/render-text.ts';
import { hostileReports, hugePlan } from './html/hostile-reports.ts';
import { driftReport, inSyncReport, planReport, refusedReport, sampleReports, sizes } from './html/sample-reports.ts';

const now = '2026-11-22T15:02:11.000Z';

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly [{ readonly physicalLocation: PhysicalLocation }];
  readonly relatedLocations?: readonly [{ readonly physicalLocation: PhysicalLocation }];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

interface PhysicalLocation {
  readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
  readonly region: { readonly startLine: number };
}

interface SarifRun {
  readonly results: readonly Result[];
  readonly invocations: readonly [
    { readonly executionSuccessful: boolean; readonly exitCode: number; readonly toolExecutionNotifications?: object },
  ];
  readonly tool: {
    readonly driver: { readonly rules: readonly { readonly id: string; readonly help: { text: string } }[] };
  };
}

function sarif(report: Report): SarifRun {
  const help = (code: string) => findingPages.find(page => page.code === code);
  return JSON.parse(renderSarif(report, { version: '0.1.0', help })).runs[0];
}

const prints = (run: SarifRun) => run.results.map(result => Object.values(result.partialFingerprints)[0]);

/** The same plan some lines further down in the file, read on another day. */
function moved(report: PlanReport, by: number): PlanReport {
  return JSON.parse(
    JSON.stringify(report, (key, value) => (key === 'line' && typeof value === 'number' ? value + by : value)),
  );
}

describe('SARIF', () => {
  it('has changes on the line that asks for them, and the live line beside', () => {
    const { results } = sarif(planReport(sizes.small));
    const change = results.find(({ message }) => message.text.startsWith('cs6-fe1: local.autoprovision'));
    expect(change?.locations[0].physicalLocation).toMatchObject({
      artifactLocation: { uri: 'sites/estate.yaml', uriBaseId: '%SRCROOT%' },
      region: { startLine: 13 },
    });
    expect(change?.relatedLocations?.[0].physicalLocation.artifactLocation.uri).toBe(
      'file://cs6-fe1/etc/opt/SUNWics5/config/ics.conf',
    );
  });

  it('has the page of each code as the help of its rule', () => {
    const { results, tool } = sarif(refusedReport());
    const index = results.find(({ ruleId }) => ruleId === 'plan.too-many-moves')?.ruleIndex ?? -1;
    expect(tool.driver.rules[index]?.id).toBe('plan.too-many-moves');
    expect(tool.driver.rules[index]?.help.text).toContain(
      findingPages.find(p => p.code === 'plan.too-many-moves')?.remedy,
    );
  });

  it('knows a result again when lines and numbers have moved', () => {
    const report = refusedReport();
    const later: PlanReport = JSON.parse(JSON.stringify(moved(report, 7)).replaceAll('12,000', '12,345'));
    expect(prints(sarif(later))).toEqual(prints(sarif(report)));
  });

  it('tells every result from every other', () => {
    const all = prints(sarif(planReport(sizes.large)));
    expect(new Set(all).size).toBe(all.length);
  });

  it('has a place for every result, whatever it is about', () => {
    for (const make of Object.values(sampleReports))
      for (const { locations } of sarif(make()).results)
        expect(locations[0].physicalLocation.artifactLocation.uri).not.toBe('');
  });

  it.each([
    ['in-sync', 0, true],
    ['refused', 3, true],
    ['validate', 1, true],
    ['failed', 1, false],
    ['apply-failed', 1, false],
  ])('says how %s ended', (name, exitCode, executionSuccessful) => {
    expect(sarif(sampleReports[name]?.() ?? inSyncReport()).invocations[0]).toMatchObject({
      exitCode,
      executionSuccessful,
    });
  });

  it('leaves out what nobody would be shown, and says so', () => {
    const report = inSyncReport();
    const warning: Finding = { severity: 'warning', code: 'x.y', summary: 's', detail: 'd' };
    const findings = Array.from({ length: 6_000 }, (_, i) => ({ ...warning, detail: `d${i}` }));
    const run = sarif({ ...report, plan: { ...report.plan, findings } });
    expect(run.results).toHaveLength(5_000);
    expect(JSON.stringify(run.invocations[0].toolExecutionNotifications)).toContain('1,000 more results');
  });

  it('makes no link and no placeholder of text from outside', () => {
    const finding = {
      severity: 'error',
      code: 'x.y',
      summary: 's',
      detail: '[a](http://evil.example) {0} { env: X }',
    } as const;
    const run = sarif({ command: 'failed', of: 'plan', exitCode: 1, files: ['a b/é#?.yaml'], findings: [finding] });
    expect(run.results[0]?.message.text).toBe('[a] (http://evil.example) {{0}} { env: X }');
    expect(run.results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe('a%20b/%C3%A9%23%3F.yaml');
  });
});

describe('annotations', () => {
  const errors = (n: number): Report => ({
    command: 'validate',
    exitCode: 1,
    files: ['a.yaml'],
    findings: Array.from({ length: n }, (_, i) => ({
      severity: 'error',
      code: 'x.y',
      summary: 'A, b: 50 %',
      detail: `line ${i}\r\n::error::100 %`,
      where: { file: 'a,b:c.yaml', line: 3, column: 5, endColumn: 9 },
    })),
  });

  it('have their place and text escaped', () => {
    expect(renderGithub(errors(1)).split('\n')[0]).toBe(
      '::error file=a%2Cb%3Ac.yaml,line=3,col=5,endColumn=9,title=x.y%3A A%2C b%3A 50 %25::line 0\\u000d%0A::error::100 %25',
    );
  });

  it.each([
    [9, 9],
    [10, 10],
    [11, 10],
    [500, 10],
  ])('of %d errors there are %d, and the last says how many more', (n, shown) => {
    const lines = renderGithub(errors(n)).match(/^::error .*$/gm) ?? [];
    expect(lines).toHaveLength(shown);
    if (n > shown) expect(lines.at(-1)).toContain(`title=${n - 9} more errors`);
  });

  it('are one for a change that many hosts have', () => {
    expect(renderGithub(planReport(sizes.large)).match(/^::(?:warning|notice) .*local\.autoprovision/gm)).toHaveLength(
      1,
    );
  });

  it.each(Object.entries(hostileReports))('of %s begin only the commands that are meant', (_, make) => {
    const lines = renderGithub(make()).trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^(?:::(?:error|warning|notice) |reconcile )/);
    expect(lines.filter(line => line.startsWith('reconcile '))).toHaveLength(1);
  });
});

describe('JUnit', () => {
  const numbers = (xml: string) => ({
    suites: (xml.match(/<testsuite /g) ?? []).length,
    cases: (xml.match(/<testcase /g) ?? []).length,
    failures: (xml.match(/<failure /g) ?? []).length,
  });

  it('counts what is in sync too', () => {
    const inSync = numbers(renderJunit(inSyncReport(), now));
    const plan = numbers(renderJunit(planReport(sizes.middle), now));
    expect(inSync).toMatchObject({ suites: plan.suites, failures: 0 });
    expect(inSync.cases).toBeGreaterThan(20);
    expect(plan.failures).toBeGreaterThan(20);
  });

  it('says before and after, and which lines', () => {
    expect(renderJunit(planReport(sizes.small), now)).toMatch(
      /<testcase name="local\.autoprovision" [^>]*><failure type="change\/cs6-ics-conf" message="[^"]*&quot;yes&quot; -&gt; &quot;no&quot;">[^<]*sites\/estate\.yaml:13:5\n\/etc\/opt\/SUNWics5\/config\/ics\.conf:\d+<\/failure>/,
    );
  });

  it('does not call in sync what was left out by --only', () => {
    const { plan, ...report } = inSyncReport();
    const xml = renderJunit({ ...report, plan: { ...plan, only: ['cs7-fe1'] } }, now);
    expect(xml).toMatch(/name="cs7-fe1" [^>]*tests="[1-9]\d*"/);
    expect(xml).toMatch(/name="cs6-fe1" [^>]*tests="0"/);
  });

  it('does not count what a host has that could not be read', () => {
    const { plan, ...report } = refusedReport();
    const steps = plan.steps.filter(({ target }) => target !== 'cs6-be1');
    expect(renderJunit({ ...report, plan: { ...plan, steps } }, now)).toMatch(
      /name="cs6-be1" hostname="cs6-be1" [^>]*tests="1" failures="0" errors="1"/,
    );
  });
});

describe('text', () => {
  it('tells where changes come from, who made them and how old the reading is', async () => {
    const text = renderText(driftReport(), { color: false, verbose: false, now });
    await expect(text.replace(/Plan [0-9a-f]{8}/, 'Plan 01234567')).toMatchFileSnapshot('golden/drift.txt');
    expect(text).toContain('9 hours ago');
  });

  it('is not long where many accounts differ each in its own way', () => {
    expect(renderText(hugePlan(2_000, ''), { color: false, verbose: false }).length).toBeLessThan(200_000);
  });
});

describe('golden', () => {
  it.each(['plan-small', 'refused', 'apply-failed', 'audit', 'verify', 'failed'])('%s', async name => {
    const report = sampleReports[name]?.();
    if (!report) throw new Error(name);
    await expect(renderGithub(report)).toMatchFileSnapshot(`golden/github/${name}.txt`);
    await expect(renderJunit(report, now)).toMatchFileSnapshot(`golden/junit/${name}.xml`);
  });
});
