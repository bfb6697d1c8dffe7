/** The elements a page is made of; nothing that runs, loads, frames or sends is among them. */
export const elements =
  'html head meta title link style body a header p b h1 strong svg path span ul li dl div dt dd nav main section h2 h3 footer code time details summary ol br ins del i article pre mark figure figcaption desc g rect ellipse text table caption thead tbody tfoot tr th td';

export const attributes =
  'lang charset http-equiv content name rel href class id tabindex aria-label aria-labelledby aria-describedby aria-hidden aria-current focusable role viewBox d title datetime open scope x y rx ry cx cy width height transform preserveAspectRatio textLength lengthAdjust';

/** Start tags with their attributes; a test of its own says that each `<` begins a tag. */
export function tagsOf(text: string): readonly { readonly tag: string; readonly attributes: readonly string[] }[] {
  return [...text.matchAll(/<([a-zA-Z][^\s/>]*)((?:\s+[^\s=>/]+(?:="[^"]*")?)*)\s*\/?>/g)].map(
    ([, tag = '', rest = '']) => ({
      tag,
      attributes: [...rest.matchAll(/([^\s=]+)(?:="[^"]*")?/g)].map(([, attribute = '']) => attribute),
    }),
  );
}

/** The words of a page, without its tags and pictures. */
export function wordsOf(text: string): string {
  return text
    .replace(/<(style|svg)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}
