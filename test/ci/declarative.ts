import { spawnSync } from 'node:child_process';

/** A call in a script of Groovy: `name values { body }`. */
export interface Call {
  readonly call: string;
  readonly line: number;
  /** Constants as they are; anything else as an object: `{ name }`, `{ map }`, `{ code }`, or a call again. */
  readonly values: readonly unknown[];
  readonly body?: readonly Statement[];
}

/** A call, `set = to`, or code that is only for people. */
export type Statement = Call | { readonly set: string; readonly line: number; readonly to: unknown } | { code: string };

/** What the compiler of Groovy reads in a script, or why it refuses it. */
export type Parsed = { readonly script: readonly Statement[] } | { readonly wrong: string };

/** Gives scripts to the compiler, which starts slowly and therefore once. Debian's is of the version that Jenkins has, 2.4.21. */
export function parseGroovy(scripts: readonly string[]): readonly Parsed[] {
  const input = JSON.stringify(scripts);
  const { status, stdout, stderr } = spawnSync('groovy', ['test/ci/groovy-calls.groovy'], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** What a block of a declarative pipeline consists of, as https://www.jenkins.io/doc/book/pipeline/syntax describes it. */
interface Block {
  readonly needs?: readonly string[];
  /** Exactly one of these. */
  readonly one?: readonly string[];
  readonly may?: readonly string[];
  /** Whether a part may be there more than once. */
  readonly many?: true;
}

const shared = ['agent', 'environment', 'options', 'tools', 'post'];
const conditions = ['allOf', 'anyOf', 'not', 'branch', 'buildingTag', 'changelog', 'changeset', 'changeRequest'];
const moreConditions = ['environment', 'equals', 'expression', 'tag', 'triggeredBy'];
const when = [...conditions, ...moreConditions];
const outcomes = ['always', 'changed', 'fixed', 'regression', 'aborted', 'failure', 'success', 'unsuccessful'];

const blocks: Readonly<Record<string, Block>> = {
  pipeline: { needs: ['agent', 'stages'], may: [...shared, 'parameters', 'triggers', 'libraries'] },
  stages: { needs: ['stage'], many: true },
  parallel: { needs: ['stage'], many: true },
  stage: { one: ['steps', 'stages', 'parallel', 'matrix'], may: [...shared, 'input', 'when', 'failFast'] },
  agent: { one: ['label', 'docker', 'dockerfile', 'kubernetes', 'node'] },
  when: { may: [...when, 'beforeAgent', 'beforeInput', 'beforeOptions'], many: true },
  not: { one: when },
  allOf: { may: when, many: true },
  anyOf: { may: when, many: true },
  input: { needs: ['message'], may: ['id', 'ok', 'submitter', 'submitterParameter', 'parameters'] },
  triggers: { may: ['cron', 'pollSCM', 'upstream'] },
  options: { may: ['buildDiscarder', 'disableConcurrentBuilds', 'skipDefaultCheckout', 'timeout', 'timestamps'] },
  post: { may: [...outcomes, 'unstable', 'notBuilt', 'cleanup'] },
};

/** The steps that the pipeline uses, and what each may be asked; `script` has code of Groovy in it. */
const steps: Readonly<Record<string, readonly string[]>> = {
  sh: ['script', 'returnStatus', 'returnStdout', 'label', 'encoding'],
  stash: ['name', 'includes', 'excludes', 'allowEmpty', 'useDefaultExcludes'],
  unstash: ['name'],
  archiveArtifacts: ['artifacts', 'allowEmptyArchive', 'excludes', 'fingerprint', 'onlyIfSuccessful'],
  junit: ['testResults', 'allowEmptyResults', 'skipMarkingBuildUnstable', 'keepLongStdio'],
  script: [],
};

/** What is wrong with a declarative pipeline, each with its line; empty if Jenkins would take it, as far as its documentation says. */
export function pipelineProblems(script: readonly Statement[]): readonly string[] {
  const [pipeline, ...others] = script;
  if (others.length > 0 || !pipeline || !isCall(pipeline) || pipeline.call !== 'pipeline')
    return ['1: there must be one block, pipeline'];
  return [...problemsOf(pipeline), ...agentProblems(pipeline)];
}

/** Every call in it, at any depth. */
export function callsIn(statements: readonly Statement[]): readonly Call[] {
  return statements.filter(isCall).flatMap(one => [one, ...callsIn(one.body ?? [])]);
}

function isCall(one: Statement): one is Call {
  return 'call' in one;
}

function problemsOf(call: Call): readonly string[] {
  const { call: name, line, body, values } = call;
  if (body === undefined) return [];
  if (name === 'steps' || [...outcomes, 'unstable', 'notBuilt', 'cleanup'].includes(name)) return stepProblems(call);
  if (name === 'environment')
    return body.flatMap(one => ('set' in one ? [] : [`${line}: environment has something that sets nothing`]));
  const block = blocks[name];
  if (!block) return name === 'expression' ? [] : [`${line}: ${name} is no block`];
  const unnamed = name === 'stage' && typeof values[0] !== 'string' ? [`${line}: a stage has no name`] : [];
  return [...unnamed, ...partProblems(call, block), ...body.filter(isCall).flatMap(problemsOf)];
}

function partProblems({ call, line, body = [] }: Call, { needs = [], one = [], may = [], many }: Block) {
  const names = body.map(part => (isCall(part) ? part.call : 'code'));
  const said = (text: string) => `${line}: ${call} ${text}`;
  const known = [...needs, ...one, ...may];
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  return [
    ...names.filter(name => !known.includes(name)).map(name => said(`has no ${name}`)),
    ...needs.filter(name => !names.includes(name)).map(name => said(`needs ${name}`)),
    ...(many ? [] : twice.map(name => said(`has ${name} twice`))),
    ...(one.length > 0 && names.filter(name => one.includes(name)).length !== 1 ? [said(`needs one of ${one}`)] : []),
    ...(names.length === 0 ? [said('is empty')] : []),
  ];
}

function stepProblems({ call, line, body = [] }: Call): readonly string[] {
  if (body.length === 0) return [`${line}: ${call} is empty`];
  return body.flatMap(one => {
    if (!isCall(one)) return [`${line}: ${call} has code outside of script`];
    const asked = steps[one.call];
    if (!asked) return [`${one.line}: ${one.call} is no known step`];
    const named = one.values.flatMap(value => (isMap(value) ? Object.keys(value.map) : []));
    return named.filter(name => !asked.includes(name)).map(name => `${one.line}: ${one.call} has no ${name}`);
  });
}

function isMap(value: unknown): value is { readonly map: object } {
  return typeof value === 'object' && value !== null && 'map' in value;
}

/** A pipeline without an agent has one at each stage that does something. */
function agentProblems(pipeline: Call): readonly string[] {
  const agent = pipeline.body?.filter(isCall).find(({ call }) => call === 'agent');
  if (JSON.stringify(agent?.values) !== '[{"name":"none"}]') return [];
  return callsIn(pipeline.body ?? [])
    .filter(({ call, body = [] }) => call === 'stage' && body.some(part => isCall(part) && part.call === 'steps'))
    .filter(({ body = [] }) => !body.some(part => isCall(part) && part.call === 'agent'))
    .map(({ line, values }) => `${line}: stage ${values[0]} has no agent`);
}
