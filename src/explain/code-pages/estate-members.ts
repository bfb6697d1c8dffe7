import type { CodePage } from '../code-page.ts';

/** Members of cohorts, above all those that stand in files of their own. */
export const estateMemberPages: readonly CodePage[] = [
  {
    code: 'estate.members-named-twice',
    means: 'The members of a cohort are named in two ways: by a list, a file or a group.',
    why: 'Parts of `members` must all hold, so that only who stands in both would belong to the cohort. That is hardly what was meant.',
    remedy: 'Keep one of the keys. Two sets of accounts are two cohorts.',
  },
  {
    code: 'estate.members-unreadable',
    means: 'A file that `members` names is missing, may not be read, or is a folder, a pipe or a device.',
    why: 'A file that cannot be read is never taken for an empty one: its accounts would fall to the next cohort, and move back.',
    remedy: 'Put the file there, or correct the path. It is relative to the YAML file that names it.',
  },
  {
    code: 'estate.members-outside',
    means:
      'A file that `members` names does not lie below the folder of the estate file that names it, or a link leads out of that folder, or into git’s own records.',
    why: 'A pull request can change the estate file. Whatever file it named would be read, and show in a plan.',
    remedy: 'Move the file below the folder of the estate file, and name it from there.',
  },
  {
    code: 'estate.members-too-large',
    means:
      'A file with members has more than 32,000,000 bytes, 1,000,000 names, 2,000,000 lines or 20,000 characters in one line.',
    why: 'Most likely it is another file.',
    remedy: 'Name the right file. Very many accounts are better said as an LDAP filter or a group.',
  },
  {
    code: 'estate.members-empty',
    means: 'A file with members has no name in it.',
    why: 'An export that failed leaves such a file. All accounts of the cohort would fall to the next one, and move back.',
    remedy: 'Put names into the file. If nobody is to be in the cohort, remove it.',
  },
  {
    code: 'estate.members-header',
    means:
      'A CSV file with members has no column called `uid` or `dn` in its first line, or two of the same name. Case does not count.',
    why: 'Which column has the names of the accounts would be a guess.',
    remedy:
      'Name the column in the first line; columns are parted by commas. A file without a header has one name a line, and a name of its own that does not end in .csv.',
  },
  {
    code: 'estate.members-syntax',
    means:
      'A line of a CSV file with members has another number of cells than the header, or its double quotes are not right.',
    why: 'A DN without quotes falls apart at its commas, and the first piece of it could name somebody else.',
    remedy: 'Put values with commas in double quotes. A double quote inside of such a value is written twice.',
  },
  {
    code: 'estate.members-name',
    means:
      'A line of a file with members has no name, one of more than 1,000 characters, or one that is neither a uid nor a DN.',
    why: 'The account that was meant would not be in the cohort, silently.',
    remedy: 'Write a uid, or the whole DN of the account. In a CSV file the DN stands in the column `dn`.',
  },
  {
    code: 'estate.members-twice',
    means:
      'The same account stands twice in a file with members or in a list. Case does not count, nor do blanks between the parts of a DN.',
    why: 'One line too many is often one that was meant for somebody else, who would be left out.',
    remedy: 'Remove one of the two, and see whether somebody else was meant.',
  },
];
