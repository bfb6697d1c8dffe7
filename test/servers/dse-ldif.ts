/** Attributes to set in entries of the server's configuration, by DN; an entry that is not there is added. */
export type DseEdits = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Edits the configuration of a 389 Directory Server that does not run. The named attributes get these values only. */
export function editDse(text: string, edits: DseEdits): string {
  const rest = new Map(Object.entries(edits));
  const records = unfold(text)
    .trimEnd()
    .split(/\n\n+/)
    .map(record => {
      const dn = /^dn: (.*)/.exec(record)?.[1] ?? '';
      const attributes = rest.get(dn);
      rest.delete(dn);
      return attributes === undefined ? record : set(record, attributes);
    });
  const added = [...rest].map(([dn, attributes]) => set(`dn: ${dn}`, attributes));
  return `${[...records, ...added].join('\n\n')}\n`;
}

/** LDIF breaks long lines, also in the middle of a path. */
function unfold(text: string): string {
  return text.replace(/\n /g, '');
}

function set(record: string, attributes: DseEdits[string]): string {
  const names = new Set(Object.keys(attributes).map(name => name.toLowerCase()));
  const kept = record.split('\n').filter(line => !names.has(line.slice(0, line.indexOf(':')).toLowerCase()));
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    [values].flat().map(value => `${name}: ${value}`),
  );
  return [...kept, ...lines].join('\n');
}
