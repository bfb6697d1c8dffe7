/** Every colour of the page, by what it is for; `…Soft` is the ground for text of the same name. */
export interface Palette {
  readonly page: string;
  readonly card: string;
  readonly sunken: string;
  readonly ink: string;
  readonly quiet: string;
  /** Lines that only part things; nothing has to be read from them. */
  readonly line: string;
  /** Lines that mean something: borders of boxes, arrows. */
  readonly edge: string;
  readonly link: string;
  readonly focus: string;
  readonly good: string;
  readonly goodSoft: string;
  readonly warn: string;
  readonly warnSoft: string;
  readonly bad: string;
  readonly badSoft: string;
  readonly note: string;
  readonly noteSoft: string;
  readonly cs6: string;
  readonly cs6Soft: string;
  readonly cs7: string;
  readonly cs7Soft: string;
  readonly directory: string;
  readonly directorySoft: string;
  /** The words of a value that differ. */
  readonly addedMark: string;
  readonly removedMark: string;
}

/** By day, and on paper. */
export const light: Palette = {
  page: '#f5f6f8',
  card: '#ffffff',
  sunken: '#eef1f5',
  ink: '#17202b',
  quiet: '#505c6b',
  line: '#d9dfe7',
  edge: '#78869a',
  link: '#1b5aa3',
  focus: '#1b5aa3',
  good: '#19663a',
  goodSoft: '#e4f3e9',
  warn: '#7f4c00',
  warnSoft: '#fcf0d9',
  bad: '#a31b24',
  badSoft: '#fce8e8',
  note: '#2a5586',
  noteSoft: '#e8f0f9',
  cs6: '#7f4c00',
  cs6Soft: '#fdf6e9',
  cs7: '#0a5c66',
  cs7Soft: '#e8f5f6',
  directory: '#563d8c',
  directorySoft: '#f2eefa',
  addedMark: '#b9e5c7',
  removedMark: '#f8c9c9',
};

/** By night. */
export const dark: Palette = {
  page: '#10151c',
  card: '#182029',
  sunken: '#212b37',
  ink: '#e7ecf2',
  quiet: '#a5b1bf',
  line: '#303b49',
  edge: '#77879b',
  link: '#8cbcf5',
  focus: '#8cbcf5',
  good: '#84d6a2',
  goodSoft: '#16321f',
  warn: '#f0bd6a',
  warnSoft: '#38290f',
  bad: '#ff9d9d',
  badSoft: '#421a1d',
  note: '#9cc4f2',
  noteSoft: '#1a2d44',
  cs6: '#f0bd6a',
  cs6Soft: '#251f16',
  cs7: '#77d0d8',
  cs7Soft: '#132a2e',
  directory: '#c3aef2',
  directorySoft: '#241d35',
  addedMark: '#23573a',
  removedMark: '#6d2a2e',
};

/** The palette as custom properties of CSS. */
export function cssVariables(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}:${colour}`)
    .join(';');
}
