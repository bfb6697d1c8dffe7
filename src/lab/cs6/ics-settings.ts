/** A line of ics.conf that has no effect, or not the effect that meets the eye. */
export interface IgnoredLine {
  readonly line: number;
  readonly why: 'indented' | 'more than one assignment' | 'upper case' | 'not understood';
}

/** What a server makes of an ics.conf. */
export interface IcsReading {
  /** The values in effect, defaults included. */
  readonly settings: Readonly<Record<string, string>>;
  readonly ignored: readonly IgnoredLine[];
}

/**
 * Defaults of the parameters that the chapter changes, and of those the stand-in needs itself
 * (Administration Guide, appendix E; those of `user.invite` and `caldavcompatible` are documented nowhere and are assumed).
 */
const DEFAULTS: Readonly<Record<string, string>> = {
  'local.autoprovision': 'yes',
  'user.invite.autoprovision': 'yes',
  'group.invite.autoprovision': 'yes',
  'resource.invite.autoprovision': 'yes',
  'service.http.caldavcompatible': 'no',
  'service.http.port': '80',
  'service.defaultdomain': ' ',
};

const ASSIGNMENT = /^([^\s="!]+)[ \t]*=[ \t]*"([^"]*)"(.*)$/;

/**
 * Reads by the documented grammar and no more: one parameter per line, from column 0, lower case, value in double quotes,
 * `!` begins a comment, the last instance wins (Administration Guide, appendix E).
 * This is deliberately not the product's own codec: two readings of one grammar check each other.
 * Throws for a quote that is not closed.
 */
export function readIcsSettings(content: string): IcsReading {
  const settings = new Map(Object.entries(DEFAULTS));
  const ignored: IgnoredLine[] = [];
  content.split(/\r?\n/).forEach((line, index) => {
    const read = readLine(line, index + 1);
    if (read.assigned !== undefined) settings.set(...read.assigned);
    if (read.why !== undefined) ignored.push({ line: index + 1, why: read.why });
  });
  return { settings: Object.fromEntries(settings), ignored };
}

interface LineReading {
  readonly assigned?: readonly [name: string, value: string];
  readonly why?: IgnoredLine['why'];
}

function readLine(line: string, number: number): LineReading {
  if (line.startsWith('!') || line.trim() === '') return {};
  if (/^\s/.test(line)) return { why: 'indented' };
  if (line.replaceAll(/[^"]/g, '').length % 2 === 1) throw new Error(`ics.conf line ${number}: missing closing quote`);
  const [, name, value, rest] = ASSIGNMENT.exec(line) ?? [];
  if (name === undefined || value === undefined) return { why: 'not understood' };
  if (name !== name.toLowerCase()) return { why: 'upper case' };
  return { assigned: [name, value], ...(rest?.trim() ? { why: 'more than one assignment' } : {}) };
}
