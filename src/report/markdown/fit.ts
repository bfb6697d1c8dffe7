/** A part of a document that is cut between its pieces only. */
export interface Section {
  /** What stands before the pieces, such as a fold and the beginning of a block of code. */
  readonly open: string;
  readonly pieces: readonly string[];
  readonly close: string;
  /** A line that says that so many pieces are left out at this place. */
  readonly left: (n: number) => string;
}

interface Measured {
  readonly section: Section;
  readonly sizes: readonly number[];
  /** Of what is there however little fits. */
  readonly frame: number;
  readonly whole: number;
}

/**
 * A document of at most `most` characters. Its head and foot are there whole. Sections that are small are, too; of the others each
 * has its first and last pieces, and how many are missing between. Where not even their headings fit, whole sections are left
 * out of the middle, and counted by `leftOut`.
 */
export function fitDocument(
  parts: { readonly head: string; readonly sections: readonly Section[]; readonly foot: string },
  most: number,
  leftOut: (sections: number, pieces: number) => string,
): string {
  const { head, sections, foot } = parts;
  const room = most - countCharacters(head) - countCharacters(foot);
  const measured = sections.map(measure);
  const [first, last, line] = keepEnds(measured, room, leftOut);
  const kept = [...first, ...last];
  const shares = shareOut(kept, room - countCharacters(line));
  const drawn = kept.map((one, i) => drawSection(one, shares[i] ?? one.frame));
  return [head, ...drawn.slice(0, first.length), line, ...drawn.slice(first.length), foot].join('');
}

function measure(section: Section): Measured {
  const { open, close, pieces, left } = section;
  const sizes = pieces.map(countCharacters);
  const ends = countCharacters(open) + countCharacters(close);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const marker = pieces.length === 0 ? 0 : countCharacters(left(pieces.length));
  return { section, sizes, frame: ends + Math.min(all, marker), whole: ends + all };
}

/** The first and last sections whose frames fit, and the line between them where others had to go. */
function keepEnds(
  measured: readonly Measured[],
  room: number,
  leftOut: (sections: number, pieces: number) => string,
): readonly [readonly Measured[], readonly Measured[], string] {
  const frames = measured.reduce((sum, { frame }) => sum + frame, 0);
  if (frames <= room) return [measured, [], ''];
  const pieces = measured.reduce((sum, { sizes }) => sum + sizes.length, 0);
  const forFrames = room - countCharacters(leftOut(measured.length, pieces));
  const [first, last] = takeEnds(
    measured.map(({ frame }) => frame),
    forFrames,
  );
  const gone = measured.slice(first, measured.length - last);
  return [
    measured.slice(0, first),
    measured.slice(measured.length - last),
    leftOut(
      gone.length,
      gone.reduce((sum, { sizes }) => sum + sizes.length, 0),
    ),
  ];
}

/** How many of the first and of the last fit, taken in turns; the first that does not fit ends it. */
function takeEnds(sizes: readonly number[], room: number): readonly [number, number] {
  let [first, last, used] = [0, 0, 0];
  while (first + last < sizes.length) {
    const front = first <= last;
    const size = sizes[front ? first : sizes.length - 1 - last] ?? 0;
    if (used + size > room) break;
    used += size;
    if (front) first++;
    else last++;
  }
  return [first, last];
}

/**
 * How many characters each section gets: those that need little get it, the others share what is left alike, and what one of
 * them cannot use, because its next piece is larger, goes to the others.
 */
function shareOut(measured: readonly Measured[], room: number): readonly number[] {
  const shares = measured.map(({ frame }) => frame);
  let left = room - shares.reduce((sum, share) => sum + share, 0);
  const give = (i: number, most: number) => {
    const one = measured[i];
    const share = shares[i];
    if (!one || share === undefined) return;
    const used = usable(one, share + most);
    shares[i] = Math.max(share, used);
    left -= Math.max(0, used - share);
  };
  const byNeed = measured.map(({ frame, whole }, i) => ({ i, need: whole - frame })).sort((a, b) => a.need - b.need);
  byNeed.forEach(({ i }, position) => {
    give(i, Math.floor(left / (byNeed.length - position)));
  });
  for (const i of shares.keys()) give(i, left);
  return shares;
}

/** How many of so many characters a section can use. */
function usable({ sizes, frame, whole }: Measured, share: number): number {
  if (whole <= share) return whole;
  const [first, last] = takeEnds(sizes, share - frame);
  const taken = [...sizes.slice(0, first), ...sizes.slice(sizes.length - last)];
  return frame + taken.reduce((sum, size) => sum + size, 0);
}

function drawSection({ section, sizes, frame, whole }: Measured, share: number): string {
  const { open, pieces, close, left } = section;
  if (whole <= share) return [open, ...pieces, close].join('');
  const [first, last] = takeEnds(sizes, share - frame);
  const gone = pieces.length - first - last;
  return [open, ...pieces.slice(0, first), left(gone), ...pieces.slice(pieces.length - last), close].join('');
}

/** How many characters a text has, as a person counts them and GitHub does: a picture is one. */
export function countCharacters(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}
