import type { KnownSetting } from './known-setting.ts';

const trueOrFalse = { words: ['true', 'false'] } as const;
const port = { from: 1, to: 65_535 } as const;

const guide = "Calendar Server 7.0.5 System Administrator's Guide, configuration parameters";
const undocumented = 'no known document';

/** Options of davadmin. Most of the parameter table is not public: what is recalled only says so. */
export const knownDavadmin: readonly KnownSetting[] = [
  {
    name: 'davcore.scheduling.localuserattr',
    meaning: 'The LDAP attribute whose presence makes an account local to CS7. It is not set by default.',
    source: 'chapter 10, "About the Calendar Server 7 Configuration"',
    sure: 'documented',
  },
  {
    name: 'davcore.uriinfo.subjectattributes',
    list: true,
    meaning: 'The LDAP attributes that CS7 fetches for an account. A modify replaces the whole list.',
    source: 'chapter 10, "Configuring the Calendar Server 7 Environment", step 4',
    sure: 'documented',
  },
  {
    name: 'davcore.uriinfo.permanentuniqueid',
    default: 'davUniqueId',
    meaning: 'The LDAP attribute under which CS7 stores the data of an account. Changing it later loses that data.',
    source: 'Calendar Server 8 Installation and Configuration Guide, post-configuration',
    sure: 'documented',
  },
  {
    name: 'davcore.uriinfo.emailattributes',
    list: true,
    default: 'mail mailalternateaddress',
    meaning: 'The LDAP attributes that hold mail addresses.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'davcore.uriinfo.ldapcachettl',
    default: '60',
    meaning: 'How long directory entries are cached, in seconds.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'davcore.uriinfo.uricachettl',
    default: '60',
    meaning: 'How long addresses are cached, in seconds.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'davcore.autocreate.enableautocreate',
    allowed: trueOrFalse,
    default: 'true',
    meaning: 'Creates the calendar of an account when it is first used.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'davcore.autocreate.displaynameattr',
    default: 'cn',
    meaning: 'The LDAP attribute that names a new calendar.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'davcore.autocreate.emailnotificationaddressattr',
    default: 'mail',
    meaning: 'The LDAP attribute with the address for notifications of a new calendar.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'base.ldapinfo.cachesize',
    allowed: { from: 0 },
    default: '1000',
    meaning: 'The number of logins in the LDAP authentication cache.',
    source: guide,
    sure: 'documented',
  },
  {
    name: 'base.ldapinfo.cachettl',
    allowed: { from: 0, unit: 'seconds' },
    default: '60',
    meaning: 'How long that cache keeps them. Changes in the directory are not visible at once.',
    source: guide,
    sure: 'documented',
  },
  {
    name: 'base.ldapinfo.dcroot',
    default: 'o=isp',
    meaning: 'Root of the domains in the directory.',
    source: guide,
    sure: 'documented',
  },
  {
    name: 'base.ldapinfo.defaultdomain',
    default: 'demo.example.com',
    meaning: 'The domain of a login without a domain.',
    source: guide,
    sure: 'documented',
  },
  {
    name: 'base.ldapinfo.domainattrs',
    list: true,
    default:
      'icsStatus icsDomainNames icsDomainAcl externalAuthPreUrlTemplate externalAuthPostUrlTemplate corpDirectoryUrl',
    meaning: 'The LDAP attributes that are fetched for a domain.',
    source: guide,
    sure: 'documented',
  },
  {
    name: 'base.ldapinfo.loginseparator',
    default: '@',
    meaning: 'The character that separates user and domain in a login.',
    source: guide,
    sure: 'documented',
  },
  {
    name: 'base.ldapinfo.schemalevel',
    allowed: { words: ['1', '2'] },
    default: '2',
    meaning: 'The LDAP schema. Only the default is documented; the value 1 is inferred from CS6.',
    source: guide,
    sure: 'inferred',
  },
  {
    name: 'store.dav.[backend].backendid',
    meaning: 'The name of a back end, as in the local-user attribute of its accounts.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'store.dav.[backend].jndiname',
    meaning: 'The JNDI name of the database of a back end.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'store.document.[backend].[option]',
    meaning: 'The document store of a back end.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'notification.dav.enableemailnotif',
    meaning: 'Sends notifications by mail.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'notification.dav.smtphost',
    meaning: 'The mail server. Without one no invitation reaches an account of CS6.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'notification.dav.smtpport',
    allowed: port,
    default: '25',
    meaning: 'The port of the mail server.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'notification.dav.smtpuser',
    meaning: 'The user that logs in to the mail server.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'notification.dav.smtpusessl',
    meaning: 'Uses TLS with the mail server.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'service.dav.ischedulewhitelist',
    list: true,
    default: '',
    meaning:
      'Addresses that may send iSchedule requests. Empty means all. If you set it, it must contain the CS6 hosts.',
    source: undocumented,
    sure: 'recalled',
  },
  {
    name: 'log.dav.[logger].loglevel',
    default: 'INFO',
    meaning: 'How much is logged.',
    source: undocumented,
    sure: 'recalled',
  },
];
