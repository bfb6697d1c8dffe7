import { known, parsePercent } from '../core/units.ts';
import type { EstateFile } from './estate-file.ts';

/** The `wave` of a cohort, as the file has it. */
export type WaveEntry = NonNullable<EstateFile['cohorts'][string]['wave']>;

/** A share of a wave, and the day it is in force from where one is named. */
export interface WaveStep {
  readonly day?: string;
  readonly percent: number;
}

/** A wave step by step, in the order of the file. */
export function waveSteps(wave: WaveEntry): readonly WaveStep[] {
  if (typeof wave === 'string') return [{ percent: known(parsePercent, wave) }];
  return Object.entries(wave).map(([day, share]) => ({ day, percent: known(parsePercent, share) }));
}

/** The share in force on a day: that of the last step that has begun; without a day, that of the last step. */
export function shareOn(wave: WaveEntry, day: string | undefined): number {
  const begun = waveSteps(wave).filter(step => step.day === undefined || day === undefined || step.day <= day);
  return begun.at(-1)?.percent ?? 0;
}

/** Whether the calendar has this day: the form alone lets 31 April through. */
export function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
