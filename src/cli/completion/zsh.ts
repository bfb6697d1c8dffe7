import type { CommandShape, OptionShape, ValueShape } from './command-shape.ts';

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
