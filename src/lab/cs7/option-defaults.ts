/**
 * The options that the stand-in knows, with the values they have while nobody set them. Those of `base.ldapinfo` and
 * `permanentuniqueid` are documented (Calendar Server 7.0.5 System Administrator's Guide, configuration parameters); the
 * default of `subjectattributes` is not, which is why nobody should rely on it.
 */
export const OPTION_DEFAULTS: Readonly<Record<string, string>> = {
  'base.ldapinfo.cachesize': '1000',
  'base.ldapinfo.cachettl': '60',
  'base.ldapinfo.dcroot': 'o=isp',
  'base.ldapinfo.defaultdomain': 'demo.example.com',
  'base.ldapinfo.loginseparator': '@',
  'base.ldapinfo.schemalevel': '2',
  'davcore.autocreate.enableautocreate': 'true',
  'davcore.scheduling.localuserattr': '',
  'davcore.uriinfo.emailattributes': 'mail mailalternateaddress',
  'davcore.uriinfo.permanentuniqueid': 'davUniqueId',
  'davcore.uriinfo.subjectattributes':
    'cn davstore icsstatus mail mailalternateaddress nswcalcalid owner preferredlanguage uid objectclass ismemberof uniquemember memberurl mgrprfc822mailmember davuniqueid',
  'log.dav.commands.loglevel': 'INFO',
  'notification.dav.enableemailnotif': 'true',
  'notification.dav.smtphost': '',
  'notification.dav.smtpport': '25',
  'notification.dav.smtpusessl': 'false',
  'service.dav.ischedulewhitelist': '',
  'store.dav.defaultbackend.backendid': 'defaultbackend',
  'store.dav.defaultbackend.jndiname': 'jdbc/defaultbackend',
  'store.dav.ischedulebackend.jndiname': 'jdbc/ischedulebackend',
};
