import type { AuditState } from '../../../core/report.ts';

/** The states of an account, in the order they are shown, in words. */
export const stateWords: Readonly<Record<AuditState, string>> = {
  'good-cs6': 'good, on CS6',
  'good-cs7': 'good, on CS7',
  'split-brain': 'split brain',
  limbo: 'limbo',
  unknown: 'not known',
};

/** In that order. */
export const stateNames = Object.keys(stateWords).filter(isState);

function isState(name: string): name is AuditState {
  return Object.hasOwn(stateWords, name);
}
