import type { DirectoryReader, DirectoryWriter } from './directory.ts';
import type { FreeBusyReader, MailClient } from './free-busy.ts';
import type { HostReader, HostWriter } from './host.ts';

/** All that planning may touch: it has no function that writes. */
export interface ReadPorts {
  host(name: string): HostReader;
  directory(): DirectoryReader;
  freeBusy(): FreeBusyReader;
}

/** All that looking at invitations by mail may touch. */
export interface MailPorts extends ReadPorts {
  mail(): MailClient;
}

/** All that an apply may touch. */
export interface WritePorts {
  host(name: string): HostWriter;
  directory(): DirectoryWriter;
  freeBusy(): FreeBusyReader;
  mail(): MailClient;
  /** Milliseconds; the only way a kind waits. */
  pause(milliseconds: number): Promise<void>;
  /** Whether somebody asked to stop: what is in hand is ended, and nothing further begun. */
  stopping(): boolean;
  /** Milliseconds since some moment; the only way a kind sees how long something took. */
  elapsed(): number;
}
