import type { DesiredOption, DesiredSetting } from '../core/desired.ts';
import type { EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';

/** With one of them on, CS6 makes calendars for accounts that it is asked about. */
export const provisioningKeys: readonly string[] = [
  'local.autoprovision',
  'user.invite.autoprovision',
  'group.invite.autoprovision',
  'resource.invite.autoprovision',
];

/** Keys of ics.conf that follow from the rest of the file: they may not be set by hand as well. */
export const derivedKeys: readonly string[] = [
  'service.http.caldavcompatible',
  'service.wcap.freebusy.redirecturl',
  ...provisioningKeys,
];

/** Options of davadmin that follow from `directory`. */
export const derivedOptions: readonly string[] = [
  'davcore.uriinfo.subjectattributes',
  'davcore.scheduling.localuserattr',
];

const about6 = '(chapter 10, "About the Calendar Server 6 Configuration")';
const about7 = '(chapter 10, "About the Calendar Server 7 Configuration")';

/** Chapter 10, "Configuring the Calendar Server 6 Environment", step 2. */
export function derivedSettings(estate: EstateFile, document: EstateDocument, host: string): readonly DesiredSetting[] {
  const hostLine = document.atKey(['cs6', 'hosts', host]);
  const redirect = estate.freeBusyRedirect;
  return derivedKeys.map((key): DesiredSetting => {
    if (key === 'service.http.caldavcompatible')
      return {
        key,
        value: 'yes',
        because: `CS6 answers iSchedule free/busy requests of CS7 only with it ${about6}.`,
        source: hostLine,
      };
    if (key === 'service.wcap.freebusy.redirecturl')
      return {
        key,
        value: `${estate.cs7.hosts[redirect]?.http}/davserver/wcap/get_freebusy.wcap`,
        because: `CS6 refers to ${redirect} for the free/busy times of everybody it has no calendar of ${about6}.`,
        source: document.atKey(['freeBusyRedirect']),
      };
    return { key, value: 'no', because: withoutAutoprovision(key), source: hostLine };
  });
}

function withoutAutoprovision(key: string): string {
  const creates =
    key === 'local.autoprovision'
      ? 'CS6 would create a calendar for a CS7 account that logs in or is invited'
      : `CS6 would create a calendar when an invitation reaches a ${key.split('.')[0]} of CS7`;
  return `${creates}, and then take it for its own instead of sending the invitation by mail ${about6}.`;
}

/**
 * Chapter 10, "Configuring the Calendar Server 7 Environment", steps 3 and 4. The list comes first: an attribute
 * that is not fetched would make every account look like one of CS6.
 */
export function derivedDavadmin(estate: EstateFile, document: EstateDocument): readonly DesiredOption[] {
  const { localUser, uniqueId } = estate.directory;
  const source = document.atKey(['directory', 'localUser']);
  const attribute = localUser?.attribute ?? 'davStore';
  const id = uniqueId?.attribute ?? 'davUniqueId';
  return [
    {
      name: 'davcore.uriinfo.subjectattributes',
      value: { include: [attribute, id] },
      caseMatters: false,
      because: `CS7 fetches only these attributes of an account, and it needs ${attribute} to tell its own accounts from those of CS6 and ${id} to find their data (chapter 10, "Configuring the Calendar Server 7 Environment", step 4).`,
      source,
    },
    {
      name: 'davcore.scheduling.localuserattr',
      value: attribute,
      caseMatters: false,
      because: `CS7 takes an account that has ${attribute} for its own, and asks CS6 about all others ${about7}.`,
      source,
    },
  ];
}
