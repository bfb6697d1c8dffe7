import type { CommandShape, OptionShape, ValueShape } from './command-shape.ts';

/** Completion for fish, from its version 3 on. */
export function fishCompletion(program: CommandShape): string {
  const { name, commands } = program;
  const first = "-n '__fish_use_subcommand'";
  return [
    `# fish completion of ${name}`,
    `# ${name} completion fish | source`,
    ...commands.map(
      ({ name: word, description }) => `complete -c ${name} ${first} -a ${word} -d ${fishQuoted(description)}`,
    ),
    ...program.options.map(option => `complete -c ${name} ${first} ${optionWords(option)}`),
    ...commands.flatMap(command => commandLines(name, command)),
    '',
  ].join('\n');
}

function commandLines(program: string, { name, options, arguments: places }: CommandShape): readonly string[] {
  const after = `-n '__fish_seen_subcommand_from ${name}'`;
  return [
    ...options.map(option => `complete -c ${program} ${after} ${optionWords(option)}`),
    ...places.flatMap(({ value }) =>
      typeof value === 'object' ? [`complete -c ${program} ${after} -f -a ${fishQuoted(value.choices.join(' '))}`] : [],
    ),
  ];
}

function optionWords({ names, description, value }: OptionShape): string {
  const words = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...words, ...(value === undefined ? [] : [valueWords(value)]), `-d ${fishQuoted(description)}`].join(' ');
}

/** -x: a value and no file name; -r: a value. */
function valueWords(value: ValueShape): string {
  if (typeof value === 'object') return `-x -a ${fishQuoted(value.choices.join(' '))}`;
  return { files: '-r', folders: "-x -a '(__fish_complete_directories)'", anything: '-x' }[value];
}

function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, character => `\\${character}`)}'`;
}

/** Completion for zsh: as a file _reconcile in a folder of fpath, or sourced. */
export function zshCompletion(program: CommandShape): string {
  const { name, commands } = program;
  return `#compdef ${name}
# source <(${name} completion zsh), or as a file _${name} in a folder of fpath
_${name}() {
  local context state line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map(command => `    ${quoted(`${escaped(command.name)}:${command.description}`)}`).join('\n')}
  )
  _arguments -C -s \\
${specs(program, '    ')}
    '1: :->command' \\
    '*:: :->words'
  case $state in
    command) _describe command commands; _files ;;
    words)
      case $line[1] in
${commands.map(commandCase).join('\n')}
        *) _files ;;
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _${name} ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function commandCase(command: CommandShape): string {
  const values = command.arguments.map(({ name, value }, i, all) => {
    const place = i === all.length - 1 ? '*' : `${i + 1}`;
    return `            ${quoted(`${place}:${escaped(name)}:${action(value)}`)}`;
  });
  return [
    `        ${command.name})`,
    '          _arguments -s \\',
    [specs(command, '            ').replace(/ \\$/, ''), ...values].join(' \\\n'),
    '          ;;',
  ].join('\n');
}

function specs({ options }: CommandShape, indent: string): string {
  return options.flatMap(option => option.names.map(name => `${indent}${quoted(spec(name, option))} \\`)).join('\n');
}

/** The star: what is given twice is for the program to judge. */
function spec(name: string, { description, value }: OptionShape): string {
  const says = `*${name}[${escaped(description)}]`;
  return value === undefined ? says : `${says}:value:${action(value)}`;
}

function action(value: ValueShape): string {
  if (typeof value === 'object') return `(${value.choices.join(' ')})`;
  return { files: '_files', folders: '_files -/', anything: ' ' }[value];
}

function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, character => `\\${character}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

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
