/** Where a live setting is. */
export type SettingPlace =
  | 'a key of ics.conf, on every Calendar Server 6 host'
  | 'a davadmin option, on every Calendar Server 7 host'
  | 'a file on every Calendar Server 7 host'
  | 'a file on every Calendar Server 6 host'
  | 'an attribute of accounts in the directory'
  | 'an object class of accounts in the directory';

/** What `reconcile explain` tells about something that is set on a server or in the directory. */
export interface LiveSetting {
  readonly name: string;
  readonly place: SettingPlace;
  readonly does: string;
  /** What reconcile sets it to, and why. */
  readonly wanted: string;
  /** What breaks where it is not so. */
  readonly without: string;
  readonly chapter?: string;
  /** Keys of the file that decide it. */
  readonly decidedBy: readonly string[];
}
