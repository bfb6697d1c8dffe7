import { shellWord } from '../core/next-command.ts';
import type { Step } from '../core/plan.ts';
import { ldifChange } from '../ldap/ldif.ts';
import { inverseSteps, type UndoneRun } from './undo.ts';

/** What takes a run back without this program: LDIF for `ldapmodify -c -f`, and commands to type on each host. */
export interface UndoByHand {
  readonly ldif: string;
  readonly commands: string;
}

/** Pure: made from the record of the run alone, so that it can be made while nothing can be reached. */
export function undoByHand(run: UndoneRun): UndoByHand {
  const steps = inverseSteps(run).toReversed();
  const directory = steps.filter(({ target }) => target === 'directory');
  const hosts = steps.filter(({ target }) => target !== 'directory');
  const { name } = run;
  return {
    ldif: `# Takes run ${name} back. An entry that was changed since is refused and left: ldapmodify -c goes on.\n\n${directory
      .flatMap(({ changes }) => changes.map(ldifChange))
      .join('')}`,
    commands: [
      `# Takes run ${name} back. To be typed on each host, in this order; restart the server after the files.`,
      ...hosts.flatMap(step => hostLines(run, step)),
      '',
    ].join('\n'),
  };
}

function hostLines({ replaced }: UndoneRun, step: Step): readonly string[] {
  const files = replaced.get(step.id) ?? [];
  const head = ['', `# on ${step.target}: ${step.kind}`];
  if (files.length > 0)
    return [
      ...head,
      ...files.flatMap(({ path, backup, written }) => [
        `# only while nobody has changed it since: SHA-256 ${written}`,
        backup === undefined ? `rm ${shellWord(path)}` : `cp -p ${shellWord(backup)} ${shellWord(path)}`,
      ]),
    ];
  return [
    ...head,
    ...step.changes.map(
      ({ key, after }) => `# ${key}: ${after === undefined ? 'not set' : [after].flat().map(shellWord).join(' ')}`,
    ),
  ];
}
