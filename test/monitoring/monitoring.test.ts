import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commonFamilies, openMetrics } from '../../src/adapters/metrics.ts';
import type { MetricFamily } from '../../src/ports/daemon.ts';
import { auditWatch } from '../../src/watch/audit-watch.ts';
import { driftWatch } from '../../src/watch/drift-watch.ts';
import { verifyWatch } from '../../src/watch/verify-watch.ts';

/** The files for Prometheus and Grafana, put to promtool and to the names of the metrics. */
const folder = mkdtempSync(join(tmpdir(), 'reconcile-monitoring-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rulesFile = 'examples/monitoring/reconcile.rules.yml';
const rules = readFileSync(rulesFile, 'utf8');
const dashboard = JSON.parse(readFileSync('examples/monitoring/grafana-dashboard.json', 'utf8'));

const watched = [driftWatch, verifyWatch, auditWatch];
const labelsOf = new Map<string, readonly string[]>(
  watched.flatMap(({ command, families }) =>
    [...families, ...Object.values<Partial<MetricFamily> & Pick<MetricFamily, 'name'>>(commonFamilies)].map(
      ({ name, labels = [] }) => [`reconcile_${command}_${name}`, ['estate', ...labels]] as const,
    ),
  ),
);

function promtool(...words: readonly string[]): string {
  try {
    return execFileSync('promtool', words, { encoding: 'utf8', cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}` || String(error));
  }
}

/** Names of metrics in an expression that do not exist, and labels that its metric does not have. */
function unknownIn(text: string): readonly string[] {
  const found = [...text.matchAll(/\b(reconcile_[a-z_]+)(?:\{([^}]*)\})?/g)];
  return found.flatMap(([, name = '', matchers = '']) => {
    const labels = labelsOf.get(name);
    if (!labels) return [name];
    const asked = [...matchers.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
    return asked.filter(label => !labels.includes(label)).map(label => `${name} ${label}`);
  });
}

describe('the alert rules', () => {
  it('are rules to promtool', () => {
    copyFileSync(rulesFile, join(folder, 'reconcile.rules.yml'));
    expect(promtool('check', 'rules', 'reconcile.rules.yml')).toContain('SUCCESS');
  });

  it('raise an alert when they should, and only then', () => {
    copyFileSync(rulesFile, join(folder, 'reconcile.rules.yml'));
    copyFileSync('test/monitoring/reconcile.rules.test.yml', join(folder, 'test.yml'));
    expect(promtool('test', 'rules', 'test.yml')).toContain('SUCCESS');
  });

  it('know the metrics and their labels', () => {
    expect(unknownIn(rules)).toEqual([]);
    expect(unknownIn('reconcile_drift_nothing > reconcile_drift_differences{host="x"}')).toEqual([
      'reconcile_drift_nothing',
      'reconcile_drift_differences host',
    ]);
  });
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly refId: string; readonly datasource: object }[];
}
const panels: readonly Panel[] = dashboard.panels;

describe('the dashboard', () => {
  const exprs = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it('asks in expressions that Prometheus reads', () => {
    const group = {
      name: 'dashboard',
      rules: exprs.map((expr, n) => ({ record: `panel_${n}`, expr: expr.replaceAll('$estate', 'example') })),
    };
    writeFileSync(join(folder, 'dashboard.yml'), JSON.stringify({ groups: [group] }));
    expect(promtool('check', 'rules', 'dashboard.yml')).toContain(`${exprs.length} rules found`);
    expect(exprs.length).toBeGreaterThan(10);
  });

  it('knows the metrics and their labels, and asks for the chosen estate and source only', () => {
    for (const expr of [...exprs, dashboard.templating.list[1].definition]) expect(unknownIn(expr)).toEqual([]);
    for (const expr of exprs)
      for (const [metric] of expr.matchAll(/reconcile_[a-z_]+[^)]?/g)) expect(metric).toMatch(/\{$/);
    expect(exprs.filter(expr => !expr.includes('estate=~"$estate"'))).toEqual([]);
    for (const { datasource } of panels.flatMap(({ targets }) => targets))
      expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
  });

  it('shows each metric that people look at', () => {
    const shown = exprs.join('\n') + rules;
    expect([...labelsOf.keys()].filter(name => !shown.includes(name))).toEqual([
      ...['drift', 'verify', 'audit'].flatMap(command => [
        ...(command === 'drift' ? ['reconcile_drift_directory_password_grace_logins'] : []),
        ...(command === 'audit' ? ['reconcile_audit_good_accounts', 'reconcile_audit_calendars'] : []),
        `reconcile_${command}_last_look_timestamp_seconds`,
        `reconcile_${command}_last_look_success`,
      ]),
    ]);
  });

  it('has panels of their own names and places, each with a sentence', () => {
    for (const of of [panels.map(({ id }) => id), panels.map(({ title }) => title)])
      expect(new Set<unknown>(of).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
    for (const { description } of panels) expect(description).toMatch(/^[a-z0-9A-Z].*\.$/);
  });
});

it.each(watched)('promtool likes the metrics of $command', async ({ command, families }) => {
  const file = join(folder, `${command}.prom`);
  const metrics = await openMetrics({ file }, { command, families });
  metrics.mayFail(['slack']);
  const samples = families.map(({ name, labels }) => ({
    family: name,
    labels: Object.fromEntries(labels.map(label => [label, 'x'])),
    value: 1,
  }));
  await metrics.looked({ estate: 'e', endedAt: 2, seconds: 1, success: true, succeededAt: 2, samples });
  await metrics.close();
  const input = readFileSync(file, 'utf8');
  expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
  for (const name of labelsOf.keys())
    if (name.startsWith(`reconcile_${command}_`)) expect(input).toContain(`\n${name}{`);
});
