import { cs6 } from './cs6.ts';
import { cs7 } from './cs7.ts';
import type { QueryForm } from './product.ts';

/** The calendar servers that this program brings together. */
export const products = { cs6, cs7 } as const;

/** The forms of every command of a product that changes nothing. */
export const productQueries: readonly QueryForm[] = Object.values(products).flatMap(({ queries }) => queries);

/** Whether a setting of a product follows from the rest of the estate file; the case of its name does not matter. */
export function isDerived(side: keyof typeof products, name: string): boolean {
  return products[side].derivedSettings.some(setting => setting.name === name.toLowerCase());
}
