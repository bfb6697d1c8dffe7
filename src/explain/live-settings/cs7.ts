import { chapter } from '../../core/chapter.ts';
import type { LiveSetting } from '../live-setting.ts';

const option = {
  place: 'a davadmin option, on every Calendar Server 7 host',
} as const;

/** Options and files of Calendar Server 7. */
export const cs7Settings: readonly LiveSetting[] = [
  {
    name: 'ischeduledomainmap.properties',
    place: 'a file on every Calendar Server 7 host',
    does: 'Tells Calendar Server 7 which Calendar Server 6 to ask for free/busy: one line for each mail domain, `domain=URL`.',
    wanted:
      'One line for each entry of `domains`: the `http` of the host it names, followed by /ischedule/. Other lines stay as they are. Every host gets the same, and is restarted after a change.',
    without: 'Users of Calendar Server 7 see no free/busy of users of that domain who are still on Calendar Server 6.',
    chapter: chapter.domainMap,
    decidedBy: ['domains', 'cs6.hosts.*.http'],
  },
  {
    ...option,
    name: 'davcore.scheduling.localuserattr',
    does: 'Names the LDAP attribute whose presence makes an account local to Calendar Server 7. Without the option every account that is found in the directory is taken for local.',
    wanted:
      'The attribute of `directory.localUser`, after the accounts carry it: the moment the option is set, every account without the attribute counts as one of Calendar Server 6.',
    without: 'Calendar Server 7 takes users of Calendar Server 6 for its own, and answers with an empty calendar.',
    chapter: chapter.localUser,
    decidedBy: ['directory.localUser.attribute'],
  },
  {
    ...option,
    name: 'davcore.uriinfo.subjectattributes',
    does: 'The list of LDAP attributes that Calendar Server 7 fetches of an account.',
    wanted:
      'The local-user attribute and the unique id are added at its end where they are missing, before the option that makes use of them; all other names are kept. `davadmin config modify` replaces the whole list, so it is read first and read back.',
    without:
      'An attribute that is not fetched looks as if it were absent: every account then counts as one of Calendar Server 6. A list that was replaced by one name breaks look-ups for everybody.',
    chapter: chapter.subjectAttributes,
    decidedBy: ['directory.localUser.attribute', 'directory.uniqueId.attribute'],
  },
  {
    ...option,
    name: 'davcore.uriinfo.permanentuniqueid',
    does: 'Names the LDAP attribute that Calendar Server 7 files the data of an account under.',
    wanted:
      'It is compared with `directory.uniqueId.attribute` and never written: a change on a server that holds data loses that data.',
    without: 'The unique ids in the directory would not be those that the server looks for.',
    chapter: chapter.overview,
    decidedBy: ['directory.uniqueId.attribute'],
  },
];
