import type { Cs6Facts, HostFace } from '../place.ts';

/** A running Calendar Server 6.3, with what it read at its start. */
export interface Cs6Server {
  readonly prefix: string;
  readonly facts: Cs6Facts;
  readonly face: HostFace;
  /** The values of ics.conf in effect. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Whether a parameter says yes. */
export function isYes(server: Cs6Server, key: string): boolean {
  return server.settings[key]?.trim().toLowerCase().startsWith('y') ?? false;
}

/** `service.defaultdomain`; empty when there is none. */
export function defaultDomain(server: Cs6Server): string {
  return server.settings['service.defaultdomain']?.trim() ?? '';
}
