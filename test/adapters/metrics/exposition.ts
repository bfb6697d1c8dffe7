/** One line of the text format of Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A text in that format (version 0.0.4), read strictly: what is no such line is an error. */
export function parseExposition(text: string): {
  readonly samples: readonly Sample[];
  readonly types: ReadonlyMap<string, string>;
  readonly help: ReadonlySet<string>;
} {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const help = new Set<string>();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.split('\n').filter(one => one !== '')) {
    const [, word, about = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (word === 'TYPE') types.set(about, rest);
    else if (word === 'HELP') help.add(about);
    else samples.push(parseSample(line));
  }
  return { samples, types, help };
}

function parseSample(line: string): Sample {
  const [, name, body, value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || Number.isNaN(Number(value))) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let left = body ?? '';
  while (left !== '') {
    const [whole, label = '', text = ''] =
      /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/.exec(left) ?? [];
    if (whole === undefined) throw new Error(`no label: ${left}`);
    labels[label] = text.replace(/\\([\\"n])/g, (_, char: string) => (char === 'n' ? '\n' : char));
    left = left.slice(whole.length);
  }
  return { name, labels, value: Number(value) };
}

/** What promlint would say (prometheus/client_golang, testutil/promlint), as far as it concerns gauges and counters. */
export function lintExposition(text: string): readonly string[] {
  const { samples, types, help } = parseExposition(text);
  const problems: string[] = [];
  const series = samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`);
  if (new Set(series).size < series.length) problems.push('a series stands twice');
  for (const [name, type] of types) {
    if (!help.has(name)) problems.push(`${name}: no help text`);
    if (type === 'counter' && !name.endsWith('_total')) problems.push(`${name}: a counter ends with _total`);
    if (type !== 'counter' && name.endsWith('_total')) problems.push(`${name}: only a counter ends with _total`);
    if (/_(gauge|counter|count|sum|bucket|info)$/.test(name))
      problems.push(`${name}: the end of its name is for others`);
    if (/_(milliseconds|ms|minutes|hours|kilobytes|percent)(_|$)/.test(name)) problems.push(`${name}: no base unit`);
    if (/[A-Z:]/.test(name)) problems.push(`${name}: no snake case`);
  }
  const untyped = samples.filter(({ name }) => !types.has(name));
  return [...problems, ...untyped.map(({ name }) => `${name}: no type`)];
}
