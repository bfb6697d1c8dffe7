import { InvalidArgumentError } from 'commander';

/** Reads a whole number from a command line, of which the least is said. */
export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`Expected a whole number, ${least} or more.`);
    return value;
  };
}
