/** Two cells each in a terminal: the ranges of East Asian wide characters, and pictures. */
const wide =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;

/** No cell of their own: accents and joiners. */
const narrow = /^[\p{Mn}\p{Me}\p{Cf}]/u;

/** How many cells a terminal takes for a text. */
export function textWidth(text: string): number {
  return Array.from(text).reduce((sum, char) => sum + (narrow.test(char) ? 0 : wide.test(char) ? 2 : 1), 0);
}
