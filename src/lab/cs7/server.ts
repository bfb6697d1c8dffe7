import type { HostFace } from '../place.ts';
import type { Cs7State } from './container.ts';

/** A running Calendar Server 7, with what its container read at its start. */
export interface Cs7Server extends Pick<Cs7State, 'options' | 'domainMap'> {
  readonly prefix: string;
  readonly face: HostFace;
}

/** The words of an option that is a list. */
export function optionWords(server: Cs7Server, name: string): readonly string[] {
  return (server.options[name] ?? '').split(/\s+/).filter(word => word !== '');
}
