import type { Change } from '../core/change.ts';

/** A line of LDIF (RFC 2849); what LDIF cannot hold as text goes in base64. */
export function ldifLine(name: string, value: string): string {
  const plain = /^(?![ :<])[\x20-\x7e]*$/.test(value) && !value.endsWith(' ');
  return plain ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`;
}

/** A change of an entry's attribute as `ldapmodify` takes it; it deletes the exact old values, so that a later change is not lost. */
export function ldifChange({ item, key, before, after }: Change): string {
  const part = (operation: 'delete' | 'add', values: readonly string[]) =>
    values.length === 0 ? [] : [`${operation}: ${key}`, ...values.map(value => ldifLine(key, value)), '-'];
  const list = (value: Change['after']) => (value === undefined ? [] : [value].flat());
  const lines = [
    ldifLine('dn', item),
    'changetype: modify',
    ...part('delete', list(before)),
    ...part('add', list(after)),
  ];
  return `${lines.join('\n')}\n\n`;
}
