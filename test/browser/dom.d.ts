/**
 * What playwright-core's types name of a browser's world. The whole of it is not taken in, because nothing of the project runs
 * in one: what the tests look at in a page is `in-page.mjs`.
 */
interface Node {
  readonly nodeType: number;
}
interface HTMLElement extends Node {
  readonly hidden: boolean;
}
interface SVGElement extends Node {
  readonly id: string;
}
interface HTMLElementTagNameMap {
  readonly a: HTMLElement;
}
