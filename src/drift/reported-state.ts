import { type DriftState, inSync } from './state.ts';

/** What outlives a call. */
export interface Memory {
  /** What was known after the last look. */
  readonly known: DriftState;
  /** What each notifier was last told, by its name. */
  readonly told: Readonly<Record<string, DriftState>>;
}

/** Before the first look of all. */
export const noMemory: Memory = { known: inSync, told: {} };

/** As the text of a file. */
export function renderMemory(memory: Memory): string {
  return `${JSON.stringify({ formatVersion: 1, ...memory })}\n`;
}

/** The opposite; nothing where it is not such a file. */
export function parseMemory(text: string): Memory | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || value['formatVersion'] !== 1) return undefined;
    const { known, told } = value;
    return isState(known) && isStates(told) ? { known, told } : undefined;
  } catch {
    return undefined;
  }
}

function isStates(value: unknown): value is Memory['told'] {
  return isRecord(value) && Object.values(value).every(isState);
}

function isState(value: unknown): value is DriftState {
  if (!isRecord(value)) return false;
  const { differences, problems, unread } = value;
  return Array.isArray(differences) && differences.every(isDifferences) && isTexts(problems) && isTexts(unread);
}

function isDifferences(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { target, kind, digest, count } = value;
  return [target, kind, digest].every(part => typeof part === 'string') && typeof count === 'number';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(part => typeof part === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
