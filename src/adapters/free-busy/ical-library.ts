import { createRequire } from 'node:module';

/** The part of ical.js that is used here. */
interface IcalLibrary {
  /** jCal (RFC 7265): one component as such, several as a list of them. */
  parse(text: string): unknown;
  readonly Component: new (jCal: readonly unknown[]) => IcalComponent;
  /** Of one content line. */
  readonly Property: { fromString(text: string): IcalProperty };
  readonly Period: abstract new (...words: never) => IcalPeriod;
  readonly Duration: { fromString(text: string): { toSeconds(): number } };
}

/** A component such as VFREEBUSY; names in lower case. */
export interface IcalComponent {
  readonly name: string;
  getAllSubcomponents(name: string): readonly IcalComponent[];
  getAllProperties(name: string): readonly IcalProperty[];
  /** As RFC 5545 writes it, escaped and folded, without the last line end. */
  toString(): string;
}

/** A property with all its values. */
export interface IcalProperty {
  readonly type: string;
  getFirstValue(): unknown;
  getFirstParameter(name: string): string | undefined;
  getValues(): readonly unknown[];
}

/** A period: two times, or a time and a duration, as RFC 7265 writes them. */
export interface IcalPeriod {
  toJSON(): readonly unknown[];
}

/**
 * ical.js, with types of our own: those it brings (2.2.1) do not compile for `nodenext`, where imports need extensions,
 * and one that is imported the usual way would be compiled along.
 */
export const ical: IcalLibrary = createRequire(import.meta.url)('ical.js');
