const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text as it stands inside an element; what XML cannot hold at all is left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`);
}

/** An element with text in it. */
export function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

/**
 * What stands between the tags of every element of this local name, whatever its prefix and attributes. Enough for answers whose
 * elements never hold one of their own name; an XML reader it is not.
 */
export function innerXml(xml: string, name: string): readonly string[] {
  const tag = `(?:[\\w.-]+:)?${name}`;
  return [...xml.matchAll(new RegExp(`<${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</${tag}\\s*>`, 'g'))].map(
    found => found[1] ?? '',
  );
}

/** The text that an element's content stands for. */
export function xmlText(inner: string): string {
  return inner
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map(piece => (piece.startsWith('<![CDATA[') ? piece.slice(9, -3) : decodeText(piece)))
    .join('')
    .trim();
}

function decodeText(piece: string): string {
  return piece.replace(/<[^>]*>/g, '').replace(/&(#\d+|#x[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
