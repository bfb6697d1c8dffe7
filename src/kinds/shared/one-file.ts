import { TargetProblem } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import type { FileReading } from '../../ports/host.ts';

/**
 * The one file among several documented places. Readings of one file through different links count as one;
 * two different files, or a link that a replacement would cut, are refused: which one the server reads would be a guess.
 */
export function onlyFile(host: string, readings: readonly FileReading[], setting: string): FileReading | undefined {
  const places = new Map(readings.map(reading => [reading.path, reading]));
  if (places.size > 1) {
    throw new TargetProblem(
      finding('host.ambiguous-file', {
        detail: `${host} has ${[...places.keys()].join(' and ')}.\nEditing the wrong one would change nothing. Name the right one in ${setting}.`,
        target: host,
      }),
    );
  }
  const [reading] = places.values();
  if (reading?.link) {
    throw new TargetProblem(
      finding('host.file-is-link', {
        detail: `${host}: ${reading.path} is a link; replacing it would cut the link and leave the real file as it was.\nName the real file in ${setting}.`,
        target: host,
      }),
    );
  }
  return reading;
}
