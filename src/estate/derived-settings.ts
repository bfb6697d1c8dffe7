import type { SourcePosition } from '../core/finding.ts';
import { cs7Attributes } from '../products/cs7.ts';
import type { CoexistenceFacts, DerivedSetting } from '../products/product.ts';
import { products } from '../products/products.ts';
import type { EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';

/** A setting of a host that follows from the rest of the file, with its value. */
interface Derived {
  readonly name: string;
  readonly value: ReturnType<DerivedSetting['value']>;
  readonly because: string;
  readonly chapter: string;
  readonly source: SourcePosition;
}

/** What coexistence needs of a host, in the order of the product's rows. */
export function derivedOf(
  estate: EstateFile,
  document: EstateDocument,
  side: 'cs6' | 'cs7',
  host: string,
): readonly Derived[] {
  const facts = factsOf(estate);
  const places = {
    host: [side, 'hosts', host],
    freeBusyRedirect: ['freeBusyRedirect'],
    'directory.localUser': ['directory', 'localUser'],
  };
  return products[side].derivedSettings.map(({ name, value, because, chapter, from }) => ({
    name,
    value: value(facts),
    because: because(facts),
    chapter,
    source: document.atKey(places[from]),
  }));
}

function factsOf({ directory, freeBusyRedirect, cs7 }: EstateFile): CoexistenceFacts {
  return {
    redirect: { name: freeBusyRedirect, http: cs7.hosts[freeBusyRedirect]?.http ?? '' },
    localUser: directory.localUser?.attribute ?? cs7Attributes.localUser,
    uniqueId: directory.uniqueId?.attribute ?? cs7Attributes.uniqueId,
  };
}
