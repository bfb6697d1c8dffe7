import type { CommandShape, OptionShape, ValueShape } from './command-shape.ts';

/** Completion for fish, from its version 3 on. */
export function fishCompletion(program: CommandShape): string {
  const { name, commands } = program;
  const first = "-n '__fish_use_subcommand'";
  return [
    `# fish completion of ${name}`,
    `# ${name} completion fish | source`,
    ...commands.map(
      ({ name: word, description }) => `complete -c ${name} ${first} -a ${word} -d ${quoted(description)}`,
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
      typeof value === 'object' ? [`complete -c ${program} ${after} -f -a ${quoted(value.choices.join(' '))}`] : [],
    ),
  ];
}

function optionWords({ names, description, value }: OptionShape): string {
  const words = names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...words, ...(value === undefined ? [] : [valueWords(value)]), `-d ${quoted(description)}`].join(' ');
}

/** -x: a value and no file name; -r: a value. */
function valueWords(value: ValueShape): string {
  if (typeof value === 'object') return `-x -a ${quoted(value.choices.join(' '))}`;
  return { files: '-r', folders: "-x -a '(__fish_complete_directories)'", anything: '-x' }[value];
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, character => `\\${character}`)}'`;
}
