import type { Parser } from '../parser.ts';
import { directory } from './directory.ts';
import { hostAnswers } from './host-answers.ts';
import { hostFiles } from './host-files.ts';
import { localFiles } from './local-files.ts';
import { lookUps } from './look-ups.ts';
import { shown } from './shown.ts';
import { ssh } from './ssh.ts';

/** Every reader of text from outside. */
export const parsers: readonly Parser[] = [
  ...hostFiles,
  ...hostAnswers,
  ...directory,
  ...lookUps,
  ...ssh,
  ...localFiles,
  ...shown,
];
