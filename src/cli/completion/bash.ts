import type { CommandShape, OptionShape } from './command-shape.ts';

/**
 * Completion for bash, from its version 3.2 on and without the package bash-completion. Where it has nothing to say bash
 * completes file names by itself.
 */
export function bashCompletion(program: CommandShape): string {
  const { name, commands } = program;
  return `# bash completion of ${name}
# source <(${name} completion bash)
_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' i
  # --format=json comes as three words.
  if [ "$word" = = ]; then
    word=
  elif [ "$before" = = ]; then
    before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i-1]} in
      ${patterns(valueNames(program))}) continue ;;
    esac
    case \${COMP_WORDS[i]} in
      ${patterns(commands.map(command => command.name))})
        command=\${COMP_WORDS[i]}
        break
        ;;
    esac
  done
  COMPREPLY=()
  case "$command $before" in
${[program, ...commands].flatMap(command => valueCases(command, command === program ? '' : command.name)).join('\n')}
  esac
  case $command in
${commands.map(command => wordsCase(command.name, command)).join('\n')}
${wordsCase('*', program)}
  esac
  [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o bashdefault -o default -F _${name} ${name}
`;
}

function valueNames({ options }: CommandShape): readonly string[] {
  return options.flatMap(option => (option.value ? option.names : []));
}

/** What follows an option is not a further option. */
function valueCases(command: CommandShape, name: string): readonly string[] {
  const after = (names: readonly string[]) => patterns(names.map(option => `'${name} ${option}'`));
  const chosen = command.options.filter(({ value }) => choicesOf(value) !== '');
  const free = valueNames(command).filter(option => !chosen.some(({ names }) => names.includes(option)));
  return [
    ...chosen.flatMap(({ names, value }) => [
      `    ${after(names)})`,
      `      COMPREPLY=($(compgen -W '${choicesOf(value)}' -- "$word"))`,
      '      return',
      '      ;;',
    ]),
    ...(free.length === 0 ? [] : [`    ${after(free)}) return ;;`]),
  ];
}

/** Options where one is begun, and otherwise commands and the values that an argument can have. */
function wordsCase(pattern: string, command: CommandShape): string {
  const plain = [
    ...command.commands.map(({ name }) => name),
    ...command.arguments.map(({ value }) => choicesOf(value)),
  ].filter(word => word !== '');
  return `    ${pattern}) case $word in -*) words='${namesOf(command.options)}' ;; *) words='${plain.join(' ')}' ;; esac ;;`;
}

function namesOf(options: readonly OptionShape[]): string {
  return options.flatMap(({ names }) => names).join(' ');
}

function choicesOf(value: OptionShape['value']): string {
  return typeof value === 'object' ? value.choices.join(' ') : '';
}

function patterns(names: readonly string[]): string {
  return names.join('|');
}
