import { describe, expect, it } from 'vitest';
import { readability, readingFaults } from './readability.ts';

const turnsIn = (text: string) => readability(text).banned.map(({ turn }) => turn);
const words = (text: string) => readability(text).sentences.map(sentence => sentence.words);
const long = `It has ${'many '.repeat(28)}words.`;

describe('sentences', () => {
  it('are counted in words', () => {
    const { sentences, mean } = readability('One is short. This one has six words, too.\n');
    expect(sentences.map(sentence => sentence.words)).toEqual([3, 6]);
    expect(mean).toBe(4.5);
  });

  it('do not end at an abbreviation, at a dot in a name or at the end of a line', () => {
    expect(words('Use a key, e.g. one of cs6.example.org,\nin the file.')).toEqual([10]);
  });

  it('may begin with the name of the command', () => {
    expect(words('It is read. reconcile never writes it.')).toEqual([3, 4]);
  });

  it('begin anew in each entry of a list and each cell of a table', () => {
    expect(words('- the first of them\n- the second one\n  is longer\n1. and the last one')).toEqual([4, 5, 4]);
    expect(words('| key | what it does |\n|---|:---:|\n| `a` | It does nothing. |')).toEqual([3]);
  });

  it('take a piece of code, a link and an address for what a reader says of them', () => {
    expect(words('Run `a b c d` or [the demo](docs/a-b-c.md "no title") at <https://example.org/a> now.')).toEqual([8]);
    expect(words('Say ``a ` b`` and `a\nb` now.')).toEqual([5]);
  });

  it('are not looked for in code, headings and comments', () => {
    const text =
      '# A heading of many words\n\n```sh\na line of code here\n```\n\n    an indented line of code\n\n<!-- not\nthis one -->\n';
    expect(readability(text).sentences).toEqual([]);
    expect(readability(text)).toMatchObject({ mean: 0, longShare: 0 });
  });

  it('know the line they begin in', () => {
    const text = '# Heading\n\n```\ncode\n```\nHere it begins. Then `more\nof it` follows. The end\nis near.\n';
    expect(readability(text).sentences.map(({ line }) => line)).toEqual([6, 6, 7]);
  });

  it('are long above 30 words', () => {
    expect(readability(`${long} Short.`).longShare).toBe(0.5);
    expect(readability(long.replace('many ', '')).longShare).toBe(0.0);
  });
});

describe('turns that are banned', () => {
  it.each([
    ['What could not be handed over is told later.', 'told'],
    ['Whoever runs it decides.', 'Whoever'],
    ['Nobody has applied it, and somebody must.', 'Nobody'],
    ['What was asked and what came is kept.', 'what came'],
    ['The answer stands in the record.', 'stands in'],
    ['Nothing later is going to mend it.', 'mend'],
    ['The command gives the lines as data.', 'gives'],
    ['The file is not there.', 'is not there'],
    ['Likewise for the other side.', 'Likewise'],
    ['Two hosts, of which one is new, answer.', 'of which'],
    ['It must work, and so does the rest.', 'and so does'],
    ['It works after it, so has all that follows.', ', so has'],
    ['The account is to be moved.', 'is to be'],
    ['A smaller number does not do.', 'does not do.'],
    ['A list, parted by blanks.', 'parted by'],
  ])('%s', (text, turn) => {
    expect(turnsIn(text)).toContain(turn);
  });

  it.each([
    'A firewall stands in the way.',
    'The run gives up after an hour.',
    'Is there a firewall between the two hosts?',
    'The list is empty, so is not read.',
    'Every condition that you give must match.',
    'The command `told whoever stands in` is code.',
    'It runs on the server, so do not stop it.',
  ])('innocent: %s', text => {
    expect(turnsIn(text)).toEqual([]);
  });

  it('are also found in headings, with their line and sentence', () => {
    expect(readability('Fine.\n\n## What nobody reads\n').banned).toEqual([
      { turn: 'nobody', line: 3, sentence: 'What nobody reads' },
    ]);
  });
});

describe('faults of a text', () => {
  it('are none where it keeps to the limits', () => {
    expect(readingFaults('You run the command. It prints the plan.')).toEqual([]);
  });

  it('are its average, its long sentences and its banned turns', () => {
    expect(readingFaults(`${long} So it is told.`)).toEqual([
      'a sentence has 17.5 words on average, more than 17',
      '50.0 % of the sentences are long, more than 5.0 %',
      `line 1: 31 words: ${long}`,
      'line 1: "told" in: So it is told.',
    ]);
  });

  it('depend on the limits', () => {
    expect(readingFaults('Four words are here.', { mean: 3, longShare: 0 })).toHaveLength(1);
    expect(readingFaults(long, { mean: 40, longShare: 1 })).toEqual([]);
  });
});
