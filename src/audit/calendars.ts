import { foldValue } from '../accounts/account.ts';
import { type CalendarListing, calendarsOf, type ListedCalendar } from '../kinds/shared/calendar-listing.ts';
import { HashCollector, type HashSet } from './hash-list.ts';

/** A calendar and the first host that lists it. */
export interface PlacedCalendar extends ListedCalendar {
  readonly host: string;
}

/**
 * Whose calendars there are on CS6. Two calendars that several hosts list alike are one. Besides the listings themselves it
 * keeps 8 bytes for each owner, for each default calendar with another name, and for each calendar.
 */
export class Calendars {
  readonly #listings: readonly CalendarListing[];
  readonly #whole: boolean;
  readonly #names: HashSet;
  readonly #each: HashSet;
  /** How many accounts have each name, counted up to two. */
  readonly #claims: Uint8Array;

  /** `whole`: no calendar of any host is missing from the listings. */
  constructor(listings: readonly CalendarListing[], whole: boolean) {
    this.#listings = listings;
    this.#whole = whole;
    const names = new HashCollector();
    const each = new HashCollector();
    for (const listing of listings)
      for (const calendar of calendarsOf(listing)) {
        for (const name of namesOf(calendar)) names.add(name);
        each.add(keyOf(calendar));
      }
    this.#names = names.unique();
    this.#each = each.unique();
    this.#claims = new Uint8Array(this.#names.size);
  }

  /** Whether an account with these names has a calendar. */
  has(names: readonly string[]): boolean | 'unknown' {
    return names.some(name => this.#names.has(name)) || (this.#whole ? false : 'unknown');
  }

  /** Says that there is an account with these names; to be said once of each. */
  claim(names: readonly string[]): void {
    for (const name of names) {
      const at = this.#names.indexOf(name);
      if (at >= 0) this.#claims[at] = Math.min(2, (this.#claims[at] ?? 0) + 1);
    }
  }

  /** Whether several accounts have claimed the calendars of this name. */
  isShared(name: string): boolean {
    return this.#claims[this.#names.indexOf(name)] === 2;
  }

  get anyShared(): boolean {
    return this.#claims.includes(2);
  }

  /** Those whose owner no account has claimed, and those without an owner. */
  *strays(): Iterable<PlacedCalendar> {
    const seen = new Uint8Array(this.#each.size);
    for (const listing of this.#listings)
      for (const calendar of calendarsOf(listing)) {
        const at = this.#each.indexOf(keyOf(calendar));
        if (seen[at] === 1) continue;
        seen[at] = 1;
        if (calendar.owner === '' || !this.#isClaimed(calendar.owner)) yield { ...calendar, host: listing.host };
      }
  }

  #isClaimed(owner: string): boolean {
    return (this.#claims[this.#names.indexOf(foldValue(owner))] ?? 0) > 0;
  }
}

/** The owner, and the id of the default calendar, by which CS6 finds it too: that of a room is often owned by a person. */
function namesOf({ calid, owner }: ListedCalendar): readonly string[] {
  const [user = ''] = calid.split(':');
  return [foldValue(user), ...(owner === '' ? [] : [foldValue(owner)])];
}

function keyOf({ calid, owner }: ListedCalendar): string {
  return `${calid}\n${owner}`;
}
