import type { CodePage } from '../code-page.ts';

/** The file as bytes and as YAML: what is refused although some program would read it. */
export const estateSourcePages: readonly CodePage[] = [
  {
    code: 'estate.empty',
    means: 'The file holds nothing, or nothing but comments.',
    why: 'An empty wanted state would ask for nothing and look as if all were well.',
    remedy: 'Begin with a copy of `examples/chapter.yaml`.',
  },
  {
    code: 'estate.encoding',
    means: 'The file is not UTF-8.',
    why: 'Names and filters with letters beyond ASCII would become others, silently.',
    remedy: 'Save it as UTF-8. `iconv` converts it; the message has the command.',
  },
  {
    code: 'estate.line-end',
    means: 'A carriage return stands in the file without a line feed after it.',
    why: 'Some programs see a line end there and some do not, so they would read different files.',
    remedy: 'Save the file with line feeds.',
  },
  {
    code: 'estate.control-character',
    means: 'The file holds a character that is not printable, or a byte order mark that is not at its beginning.',
    why: 'Nobody sees it in review, and it would become part of a name or a value.',
    remedy: 'Remove it. An editor that shows control characters finds it at the column of the message.',
  },
  {
    code: 'estate.too-large',
    means:
      'The file has more than 1,000,000 bytes or 60,000 words and signs, one text in it more than 20,000 characters, or one map more than 2,000 keys.',
    why: 'An estate of hundreds of hosts takes a hundredth of that. Most likely it is another file.',
    remedy:
      'Name the right file. Long lists of accounts are better put in a file that `members: { file: PATH }` names, or said as an LDAP filter.',
  },
  {
    code: 'estate.more-problems',
    means: 'The file has more problems than the 200 that are listed.',
    why: 'So many are hardly mistakes of a person. Most likely it is another file.',
    remedy: 'Name the right file, or mend what is listed and run it again.',
  },
  {
    code: 'estate.too-deep',
    means: 'Maps and lists stand more than 64 levels deep in each other.',
    why: 'No estate has more than a few levels. A bracket is missing, or it is another file.',
    remedy: 'Close the bracket, or name the right file.',
  },
  {
    code: 'estate.tab',
    means: 'A tab stands where blanks have to indent a line.',
    why: 'YAML counts blanks, and how wide a tab is depends on the editor.',
    remedy: 'Replace it by blanks. Most editors can be told to do so by themselves.',
  },
  {
    code: 'estate.several-documents',
    means: 'A second YAML document begins in the file, with a line `---`.',
    why: 'Only one of the two could count, and most programs take the first without a word.',
    remedy: 'Give each a file of its own and name both with `-f`. A `---` on the first line is fine.',
  },
  {
    code: 'estate.directive',
    means: 'A line at the top begins with `%`: a YAML directive.',
    why: 'It changes what the rest means: under YAML 1.1, for one, `no` and `off` are false and `010` is eight.',
    remedy: 'Remove the line. The file is YAML 1.2.',
  },
  {
    code: 'estate.alias',
    means: 'The file has an anchor (`&name`) or an alias (`*name`).',
    why: 'What an alias stands for is said somewhere else, so a review of one line does not show what it says; nested ones can grow without bounds.',
    remedy: 'Write the value out. A text that begins with `&` or `*` goes in quotes.',
  },
  {
    code: 'estate.merge-key',
    means: 'A map has the merge key `<<`.',
    why: 'YAML 1.2 has no such key, and the programs that still know it disagree about which value wins.',
    remedy: 'Write the keys out, or put what is shared in a file of its own and name both files with `-f`.',
  },
  {
    code: 'estate.tag',
    means: 'A value has a tag, such as `!!str` or `!secret`.',
    why: 'A tag asks the program that reads it to make something else of the value, and each program makes something different.',
    remedy: 'Remove it. A text that begins with `!` goes in quotes.',
  },
  {
    code: 'estate.key-not-text',
    means: 'A key is a number, true or false, nothing, or a whole map or list.',
    why: 'Every key here is a name. YAML may write a number differently from what stands in the file.',
    remedy: 'Put it in quotes.',
  },
  {
    code: 'estate.reserved-key',
    means: 'A key has a name like `__proto__` or `constructor`.',
    why: 'Programs that read the file, this one among them, have a meaning of their own for these names.',
    remedy: 'Choose another name.',
  },
  {
    code: 'estate.number-form',
    means: 'A number is octal, hexadecimal, has an exponent or a leading zero, or is none at all like `.nan`.',
    why: '`022` is twenty-two to YAML 1.2 and eighteen to YAML 1.1.',
    remedy: 'Write it in decimal digits. What is meant as a text goes in quotes.',
  },
  {
    code: 'estate.literal-secret',
    means: 'A password, a private key or a URL with a password in it stands in the file itself.',
    why: 'Who can read the file could use it, and git never forgets it.',
    remedy:
      'Say where it is: `{ env: NAME }`, `{ file: PATH }` or `{ command: [words] }`. Change the secret if it was ever committed.',
  },
  {
    code: 'estate.conflict',
    means: 'Two of the files say different things about the same key.',
    why: 'Which of them is right would be a guess. Files are joined and none of them overrides another; lists are not joined.',
    remedy: 'Say it in one of the two files only.',
  },
  {
    code: 'estate.env-not-allowed',
    means: '`${env:NAME}` stands in a value that may not come from the environment.',
    why: 'What a file asks for must be seen in review. Only `name`, `address`, `http`, `url`, `bindDn` and `base` may differ from run to run.',
    remedy: 'Write the value out, or put what differs in a second file. A secret is said as `{ env: NAME }`.',
  },
  {
    code: 'estate.env-unset',
    means: 'The file asks for an environment variable that is not set, or is empty.',
    why: 'An address or a base with a hole in it could be another one.',
    remedy: 'Set the variable where the command runs; in CI it is a variable of the job.',
  },
  {
    code: 'estate.env-untrusted',
    means:
      'With `--connections-from`, the file asks for an environment variable that the trusted revision does not ask for.',
    why: 'A pull request could show the value of any variable of a CI job in its plan, such as a password or a token.',
    remedy: 'Write the value out, or merge the use of the variable first, alone.',
  },
  {
    code: 'estate.env-form',
    means: 'What stands in `${env:…}` is no name of an environment variable, or the bracket is not closed.',
    why: 'There are no defaults and no expressions, so that what is asked for stays plain.',
    remedy: 'Write it as `${env:NAME}`.',
  },
];
