import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { type NextCommand, nextCommands } from '../../src/core/next-command.ts';
import { findingPages } from '../../src/findings/areas.ts';
import { offline } from '../estate/offline.ts';
import { parseOnly, shellWords } from './parse-only.ts';

/** Each command that messages name, with values that a shell would take for something else. */
const named: Readonly<Record<keyof typeof nextCommands, NextCommand>> = {
  agree: nextCommands.agree(),
  allow: nextCommands.allow('moves', 24),
  only: nextCommands.only(['cs6-fe1', 'directory']),
  andLater: nextCommands.andLater(),
  onlyDrift: nextCommands.onlyDrift(),
  planSince: nextCommands.planSince('HEAD~1'),
  narrowed: nextCommands.narrowed({ only: ['cs6-fe1'], except: ['pilot'], origin: ['drift'] }),
  applySaved: nextCommands.applySaved("it's $HOME.json"),
  applySigned: nextCommands.applySigned(),
  plan: nextCommands.plan('plan b.json'),
  planFrom: nextCommands.planFrom('live;.jsonl.gz'),
  planPart: nextCommands.planPart(2, 4, 'part-2.json'),
  snapshot: nextCommands.snapshot('live.jsonl.gz', ['--group', 'cn=a\\2cb (x),dc=example', '--attribute', 'sn']),
  accept: nextCommands.accept(['cs6-be1:service.http.idletimeout', 'directory:davStore']),
  why: nextCommands.why('cs6-fe1', 'local.autoprovision'),
  acceptAll: nextCommands.acceptAll(),
  auditList: nextCommands.auditList('not-good'),
  undo: nextCommands.undo('20261122T140509123Z-5e232563'),
  status: nextCommands.status(),
  breakLock: nextCommands.breakLock('cs6-fe1'),
  doctor: nextCommands.doctor('cs6-fe1'),
  trust: nextCommands.trust('cs6-fe1'),
  explain: nextCommands.explain(),
  demo: nextCommands.demo(),
  example: nextCommands.example('my estate.yaml'),
  examine: nextCommands.examine(),
  importAgain: nextCommands.importAgain(['--set', 'cs7.container={ type: weblogic }', '--overwrite']),
};

const given: readonly (readonly string[])[] = [
  ['check', 'e.yaml', '--format', 'json', '--only', 'cs6-fe1'],
  ['--check', 'a b.yaml', '--only', 'cs6-fe1', '--runs', 'r'],
  ['-f', 'top.yaml', 'plan', 'own.yaml', '--base', 'main', '-o', 'p.json', '--only', 'a,b'],
  ['plan', '--live', 'live.jsonl.gz', '--max-age', '3d'],
  ['plan', '--shard', '2/4', '-o', 'part-2.json'],
  ['apply', 'base.yaml', '-f', 'more.yaml', '--allow-moves', '3', '--yes', '--report', 'junit:a.xml'],
  ['apply', 'p q.json', '--runs', 'it is here', '--format', 'json', '--verbose'],
  ['apply', '--no-color', '--', '-odd.yaml'],
  ['apply', '--file=-odd.yaml', '-y'],
  ['undo', '20261122T140509Z-5e232563', 'estate.yaml', '--only', 'cs6-fe1', '--only', 'cs7-fe1'],
  ['merge', 'part-1.json', 'part-2.json', '-o', 'plan.json', '--runs', 'r'],
  ['audit', 'estate.yaml', '--list', 'limbo'],
  ['lock', 'break', 'cs6-fe1', '-f', 'estate.yaml'],
  ['doctor', 'cs6-fe1', 'a b.yaml', '--format', 'json'],
  ['demo', '--hosts', '2'],
  ['import', '--cs6', 'a,b', '--set', 'name=x y', '-o', 'my estate.yaml'],
  ['why', 'cs6-fe1', 'local.autoprovision', 'estate.yaml'],
];

describe('every command that a message names', () => {
  it.each(given.map(words => ({ words })))('after: reconcile $words', async ({ words }) => {
    const draw = await parseOnly(words);
    const lines = Object.values(named).flatMap(next => [draw(next), draw(next, 'saved plan.json')]);
    for (const [i, taken] of shellWords(lines).entries())
      await expect(parseOnly(taken), lines[i]).resolves.toBeDefined();
  });

  it.each([
    [['apply', 'p.json'], nextCommands.agree(), 'reconcile apply p.json --yes'],
    [
      ['undo', 'RUN', '-f', 'a b.yaml', '--only', 'x,y', '--runs', 'r'],
      nextCommands.agree(),
      "reconcile undo RUN -f 'a b.yaml' --only x,y --runs r --yes",
    ],
    [
      ['apply', 'a.yaml', '--allow-moves', '3', '--yes'],
      nextCommands.allow('moves', 24),
      'reconcile apply a.yaml --yes --allow-moves 24',
    ],
    [
      ['--check', 'a.yaml', '--runs', 'r', '--format', 'json'],
      nextCommands.allow('moves', 24),
      'reconcile apply --runs r -f a.yaml --allow-moves 24',
    ],
    [
      ['check', '--only', 'a', '--only', 'b', 'e.yaml'],
      nextCommands.allow('moves', 2),
      'reconcile apply --only a --only b -f e.yaml --allow-moves 2',
    ],
    [['plan', '--only', 'a'], nextCommands.only(['a', 'b']), 'reconcile apply --only a,b'],
    [
      ['apply', 'a.yaml', '--only', 'a', '--except', 'b,c'],
      nextCommands.narrowed({ only: ['a', 'd'], except: ['c'], origin: [] }),
      'reconcile apply a.yaml --only a,d --except c',
    ],
    [
      ['apply', 'a.yaml', '--except', 'b', '--yes'],
      nextCommands.narrowed({ only: [], except: [], origin: [] }),
      'reconcile apply a.yaml --yes',
    ],
    [['apply', 'p.json', '-f', 'a.yaml'], nextCommands.plan('p.json'), 'reconcile plan -f a.yaml -o p.json'],
    [['plan', '-o', 'p.json', '--verbose'], nextCommands.plan('q.json'), 'reconcile plan --verbose -o q.json'],
    [['--runs', 'r', 'apply', 'a.yaml'], nextCommands.agree(), 'reconcile apply a.yaml --runs r --yes'],
    [['--runs', 'r', 'apply', '--runs', 'own'], nextCommands.agree(), 'reconcile apply --runs own --yes'],
    [['-f', 'a.yaml', 'apply'], nextCommands.breakLock('h'), 'reconcile lock break h -f a.yaml'],
    [['apply', '-y', 'a.yaml'], nextCommands.undo('RUN'), 'reconcile undo RUN -f a.yaml'],
    [['apply', '--file=-odd.yaml'], nextCommands.agree(), 'reconcile apply --file=-odd.yaml --yes'],
    [['apply', '--', '-odd.yaml'], nextCommands.agree(), 'reconcile apply --yes -- -odd.yaml'],
    [['plan', 'a.yaml', '-o', 'p.json'], nextCommands.plan('q.json'), 'reconcile plan a.yaml -o q.json'],
    [['undo', 'RUN', 'a.yaml'], nextCommands.undo('OTHER'), 'reconcile undo OTHER a.yaml'],
    [['explain', 'zzzz', '-f', 'a.yaml'], nextCommands.explain(), 'reconcile explain -f a.yaml'],
    [['plan', '-o', 'p.json', '--live', 'l.gz'], nextCommands.plan('p.json'), 'reconcile plan --live l.gz -o p.json'],
  ] as const)('%s', async (words, next, line) => {
    expect((await parseOnly(words))(next)).toBe(line);
  });

  it('is of the plan that was saved, where one was', async () => {
    const draw = await parseOnly(['plan', 'a.yaml', '-o', 'p.json']);
    expect(draw(nextCommands.allow('moves', 24), 'p.json')).toBe('reconcile apply p.json -f a.yaml --allow-moves 24');
    expect(draw(nextCommands.applySaved('p.json'), 'p.json')).toBe('reconcile apply p.json -f a.yaml');
  });
});

describe('commands in texts', () => {
  const verbs = buildProgram(offline({}), () => {}).commands.map(command => command.name());
  const commandLine = new RegExp(`reconcile (?:${verbs.join('|')}|--check)\\b[^\`'"\\n,;:>]*`, 'g');
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));

  /** Examples are parsed by test/cli/help.test.ts, and the pages below; comments are for those who read the source. */
  const apart = /^(?:cli\/help|findings\/.*|lab\/.*)\.ts$/;

  it('are made by one file only', () => {
    const found = sources
      .filter(file => !apart.test(file))
      .flatMap(file => {
        const code = readFileSync(`src/${file}`, 'utf8').replace(/^ *(?:\/\*\*|\*|\/\/).*$/gm, '');
        return [...code.matchAll(commandLine)].map(([line]) => `${file}: ${line}`);
      });
    expect(found.toSorted()).toEqual([
      'cli/drift-command.ts: reconcile drift --accept  ${printable(estate)}',
      'cli/verb-options.ts: reconcile schema audit-event',
      'cli/verb-options.ts: reconcile schema drift-event',
      'cli/verb-options.ts: reconcile schema run-event',
      'cli/verb-options.ts: reconcile schema verify-event',
      'import/compose-estate.ts: reconcile import',
      'import/compose-estate.ts: reconcile plan',
      'import/found-cohorts.ts: reconcile import',
      'report/html/render-html.ts: reconcile explain CODE</code',
      'report/text/audit-text.ts: reconcile audit',
      'report/text/doctor-text.ts: reconcile doctor',
      'report/text/verify-text.ts: reconcile verify',
      'verify/verify-mail.ts: reconcile verify',
      'verify/verify-mail.ts: reconcile verify --mail',
    ]);
  });

  const pages = findingPages.flatMap(
    ({ means, why, remedy }) => [means, why, remedy].join(' ').match(commandLine) ?? [],
  );

  it.each(pages.filter(line => line.includes(' -') || line.split(' ').length > 2))('%s', async line => {
    const words = line.replace(/\bN\b/g, '4').replace('i/n', '1/4').trim().split(' ').slice(1);
    await expect(parseOnly(words)).resolves.toBeDefined();
  });
});
