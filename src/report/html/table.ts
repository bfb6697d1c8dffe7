import { type Html, html, type Part } from './html.ts';

/** A table with a caption, in a frame that scrolls where it is too wide and takes the keyboard's focus for that. */
export function scrollingTable(table: {
  readonly caption: string;
  /** The cells of the heading line. */
  readonly head: Html;
  readonly body: readonly Part[];
  readonly foot?: Html;
  readonly name?: string;
}): Html {
  const { caption, head, body, foot, name } = table;
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table class="${name ?? ''}"><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody>${foot && html`<tfoot>${foot}</tfoot>`}</table></div>`;
}
