import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';

/** How the probe accounts fit together. */
export function checkVerify({ verify }: EstateFile, document: EstateDocument): readonly Finding[] {
  const { cs6 = [], cs7 = [] } = verify?.probes ?? {};
  const there = new Set(cs6.map(mail => mail.toLowerCase()));
  return cs7.flatMap((mail, i): readonly Finding[] => {
    if (!there.has(mail.toLowerCase())) return [];
    return [
      finding('estate.probe-on-both-sides', {
        detail: `${mail} is in verify.probes.cs6 too. An account is on one side, and what must be seen of it depends on which.\nRemove it from the other.`,
        where: document.at(['verify', 'probes', 'cs7', i]),
      }),
    ];
  });
}
