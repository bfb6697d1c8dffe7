/*
 * The definitions of the rehearsal's calendar attributes and classes, as RFC 4512 writes them: those that OpenLDAP is given
 * in the tests. The OIDs are the lab's own, not the vendor's. nsUniqueId is operational on a Sun or 389 server; here it is
 * an ordinary attribute that labEntry allows.
 */

/** Attribute types. */
export const calendarAttributeTypes: readonly string[] = [
  "( 1.3.6.1.4.1.99999.1.1 NAME 'davStore' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.2 NAME 'davUniqueId' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.3 NAME 'icsStatus' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.4 NAME 'icsAllowedServiceAccess' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.5 NAME 'icsCalendar' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.6 NAME 'icsDWPHost' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.7 NAME 'groupid' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.8 NAME 'nsUniqueId' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.9 NAME 'icsFirstDay' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.10 NAME 'icsTimezone' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.11 NAME 'icsExtendedUserPrefs' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 1.3.6.1.4.1.99999.1.12 NAME 'icsSecondaryowners' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
  "( 1.3.6.1.4.1.99999.1.13 NAME 'icsAutoaccept' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.14 NAME 'inetUserStatus' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.15 NAME 'mailUserStatus' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.16 NAME 'inetResourceStatus' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.17 NAME 'mailAlternateAddress' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )",
  "( 1.3.6.1.4.1.99999.1.18 NAME 'inetDomainStatus' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 1.3.6.1.4.1.99999.1.19 NAME 'sunPreferredDomain' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )",
];

/** Object classes. */
export const calendarObjectClasses: readonly string[] = [
  "( 1.3.6.1.4.1.99999.2.1 NAME 'davEntity' SUP top AUXILIARY MAY ( davStore $ davUniqueId ) )",
  "( 1.3.6.1.4.1.99999.2.2 NAME 'icsCalendarUser' SUP top AUXILIARY MAY ( cn $ givenName $ icsAllowedServiceAccess $ icsCalendar $ icsDWPHost $ icsExtendedUserPrefs $ icsFirstDay $ icsStatus $ icsTimezone $ mail $ mailAlternateAddress $ preferredLanguage $ sn $ uid $ userPassword ) )",
  "( 1.3.6.1.4.1.99999.2.3 NAME 'icsCalendarResource' SUP top AUXILIARY MAY ( cn $ icsAutoaccept $ icsCalendar $ icsDWPHost $ icsSecondaryowners $ icsStatus $ icsTimezone $ mail $ mailAlternateAddress $ owner $ uid ) )",
  "( 1.3.6.1.4.1.99999.2.4 NAME 'icsCalendarGroup' SUP top AUXILIARY MUST groupid MAY ( icsAutoaccept $ icsCalendar $ icsDWPHost $ icsSecondaryowners $ icsStatus $ icsTimezone $ mail ) )",
  "( 1.3.6.1.4.1.99999.2.5 NAME 'labEntry' SUP top AUXILIARY MAY ( nsUniqueId ) )",
  "( 1.3.6.1.4.1.99999.2.6 NAME 'inetResource' SUP top STRUCTURAL MUST cn MAY ( description $ inetResourceStatus $ owner $ uid ) )",
  "( 1.3.6.1.4.1.99999.2.7 NAME 'inetUser' SUP top AUXILIARY MAY ( inetUserStatus $ uid $ userPassword ) )",
  "( 1.3.6.1.4.1.99999.2.8 NAME 'ipUser' SUP top AUXILIARY MAY ( preferredLanguage ) )",
  "( 1.3.6.1.4.1.99999.2.9 NAME 'inetMailUser' SUP top AUXILIARY MAY ( mail $ mailAlternateAddress $ mailUserStatus ) )",
  "( 1.3.6.1.4.1.99999.2.10 NAME 'sunManagedOrganization' SUP top AUXILIARY MAY ( inetDomainStatus $ sunPreferredDomain ) )",
];
