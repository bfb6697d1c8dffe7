import { type MatchingRule, matchingRuleOf } from '../../ldap/matching-rule.ts';
import {
  type AttributeMatching,
  buildDirectorySchema,
  parseSchemaDescription,
  type SchemaDescription,
} from '../../ldap/schema.ts';

/*
 * The part of the standard schema (RFC 4512, 4519, 4524, 2798) that the rehearsal's entries use, as OpenLDAP gives it out,
 * without descriptions, without attributes for binary values or telex, and without bounds.
 */

/** Attribute types. */
const standardAttributeTypes: readonly string[] = [
  "( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 0.9.2342.19200300.100.1.3 NAME ( 'mail' 'rfc822Mailbox' ) EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )",
  "( 0.9.2342.19200300.100.1.6 NAME 'roomNumber' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 0.9.2342.19200300.100.1.10 NAME 'manager' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
  "( 0.9.2342.19200300.100.1.20 NAME ( 'homePhone' 'homeTelephoneNumber' ) EQUALITY telephoneNumberMatch SUBSTR telephoneNumberSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.50 )",
  "( 0.9.2342.19200300.100.1.21 NAME 'secretary' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
  "( 0.9.2342.19200300.100.1.41 NAME ( 'mobile' 'mobileTelephoneNumber' ) EQUALITY telephoneNumberMatch SUBSTR telephoneNumberSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.50 )",
  "( 0.9.2342.19200300.100.1.42 NAME ( 'pager' 'pagerTelephoneNumber' ) EQUALITY telephoneNumberMatch SUBSTR telephoneNumberSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.50 )",
  "( 1.3.6.1.1.20 NAME 'entryDN' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
  "( 1.3.6.1.4.1.250.1.57 NAME 'labeledURI' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 1.3.6.1.4.1.1466.101.120.5 NAME 'namingContexts' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 USAGE dSAOperation )",
  "( 1.3.6.1.4.1.1466.101.120.7 NAME 'supportedExtension' SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 USAGE dSAOperation )",
  "( 1.3.6.1.4.1.1466.101.120.13 NAME 'supportedControl' SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 USAGE dSAOperation )",
  "( 1.3.6.1.4.1.1466.101.120.15 NAME 'supportedLDAPVersion' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 USAGE dSAOperation )",
  "( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )",
  "( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )",
  "( 2.5.4.4 NAME ( 'sn' 'surname' ) SUP name )",
  "( 2.5.4.7 NAME ( 'l' 'localityName' ) SUP name )",
  "( 2.5.4.8 NAME ( 'st' 'stateOrProvinceName' ) SUP name )",
  "( 2.5.4.9 NAME ( 'street' 'streetAddress' ) EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.5.4.10 NAME ( 'o' 'organizationName' ) SUP name )",
  "( 2.5.4.11 NAME ( 'ou' 'organizationalUnitName' ) SUP name )",
  "( 2.5.4.12 NAME 'title' SUP name )",
  "( 2.5.4.13 NAME 'description' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.5.4.15 NAME 'businessCategory' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.5.4.16 NAME 'postalAddress' EQUALITY caseIgnoreListMatch SUBSTR caseIgnoreListSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.41 )",
  "( 2.5.4.17 NAME 'postalCode' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.5.4.18 NAME 'postOfficeBox' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.5.4.19 NAME 'physicalDeliveryOfficeName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.5.4.20 NAME 'telephoneNumber' EQUALITY telephoneNumberMatch SUBSTR telephoneNumberSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.50 )",
  "( 2.5.4.32 NAME 'owner' SUP distinguishedName )",
  "( 2.5.4.34 NAME 'seeAlso' SUP distinguishedName )",
  "( 2.5.4.35 NAME 'userPassword' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )",
  "( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.5.4.42 NAME ( 'givenName' 'gn' ) SUP name )",
  "( 2.5.4.43 NAME 'initials' SUP name )",
  "( 2.5.4.49 NAME 'distinguishedName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
  "( 2.5.4.50 NAME 'uniqueMember' EQUALITY uniqueMemberMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.34 )",
  "( 2.5.18.1 NAME 'createTimestamp' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
  "( 2.5.18.2 NAME 'modifyTimestamp' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
  "( 2.5.18.3 NAME 'creatorsName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
  "( 2.5.18.4 NAME 'modifiersName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
  "( 2.5.18.10 NAME 'subschemaSubentry' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
  "( 2.5.21.5 NAME 'attributeTypes' EQUALITY objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.3 USAGE directoryOperation )",
  "( 2.5.21.6 NAME 'objectClasses' EQUALITY objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.37 USAGE directoryOperation )",
  "( 2.16.840.1.113730.3.1.1 NAME 'carLicense' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.16.840.1.113730.3.1.2 NAME 'departmentNumber' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.16.840.1.113730.3.1.3 NAME 'employeeNumber' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 2.16.840.1.113730.3.1.4 NAME 'employeeType' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
  "( 2.16.840.1.113730.3.1.39 NAME 'preferredLanguage' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
  "( 2.16.840.1.113730.3.1.241 NAME 'displayName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
];

/** Object classes. */
const standardObjectClasses: readonly string[] = [
  "( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
  "( 2.5.6.4 NAME 'organization' SUP top STRUCTURAL MUST o MAY ( userPassword $ seeAlso $ businessCategory $ telephoneNumber $ street $ postOfficeBox $ postalCode $ postalAddress $ physicalDeliveryOfficeName $ st $ l $ description ) )",
  "( 2.5.6.5 NAME 'organizationalUnit' SUP top STRUCTURAL MUST ou MAY ( userPassword $ seeAlso $ businessCategory $ telephoneNumber $ street $ postOfficeBox $ postalCode $ postalAddress $ physicalDeliveryOfficeName $ st $ l $ description ) )",
  "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ telephoneNumber $ seeAlso $ description ) )",
  "( 2.5.6.7 NAME 'organizationalPerson' SUP person STRUCTURAL MAY ( title $ telephoneNumber $ street $ postOfficeBox $ postalCode $ postalAddress $ physicalDeliveryOfficeName $ ou $ st $ l ) )",
  "( 2.5.6.17 NAME 'groupOfUniqueNames' SUP top STRUCTURAL MUST ( uniqueMember $ cn ) MAY ( businessCategory $ seeAlso $ owner $ ou $ o $ description ) )",
  "( 2.16.840.1.113730.3.2.2 NAME 'inetOrgPerson' SUP organizationalPerson STRUCTURAL MAY ( businessCategory $ carLicense $ departmentNumber $ displayName $ employeeNumber $ employeeType $ givenName $ homePhone $ initials $ labeledURI $ mail $ manager $ mobile $ o $ pager $ roomNumber $ secretary $ uid $ preferredLanguage ) )",
  "( 2.5.17.0 NAME 'subentry' SUP top STRUCTURAL MUST cn )",
  "( 2.5.20.1 NAME 'subschema' AUXILIARY MAY ( objectClasses $ attributeTypes ) )",
];

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

/** How an attribute behaves. */
export interface AttributeRule extends MatchingRule {
  readonly singleValue: boolean;
  /** Kept by the server: not shown unless asked for. */
  readonly operational: boolean;
  readonly readOnly: boolean;
}

/** What an object class demands and allows, those it descends from included; first names of attributes. */
export interface ClassRule {
  readonly name: string;
  readonly must: ReadonlySet<string>;
  readonly may: ReadonlySet<string>;
}

/** The schema of the rehearsal directory. */
export interface LabSchema {
  readonly attributeTypes: readonly string[];
  readonly objectClasses: readonly string[];
  /** By any of its names or its OID, in any case. */
  attribute(name: string): AttributeRule | undefined;
  objectClass(name: string): ClassRule | undefined;
}

/**
 * Reads the definitions with the parser and the matching rules of `ldap/`. The tests hold these against OpenLDAP and 389, and
 * this directory against OpenLDAP: nothing is proved by itself.
 */
export function createLabSchema(): LabSchema {
  const attributeTypes = [...standardAttributeTypes, ...calendarAttributeTypes];
  const objectClasses = [...standardObjectClasses, ...calendarObjectClasses];
  const { matching, objectClasses: classContents } = buildDirectorySchema(attributeTypes, objectClasses);
  const attributes = new Map<string, AttributeRule>();
  const classes = new Map<string, ClassRule>();
  const schema: LabSchema = {
    attributeTypes,
    objectClasses,
    attribute: name => attributes.get(name) ?? attributes.get(name.toLowerCase()),
    objectClass: name => classes.get(name) ?? classes.get(name.toLowerCase()),
  };
  for (const described of attributeTypes.map(parsed)) {
    put(attributes, described, attributeRule(described, matching?.get(firstName(described).toLowerCase()), schema));
  }
  for (const described of objectClasses.map(parsed)) {
    put(classes, described, classRule(described, classContents.get(firstName(described).toLowerCase()), schema));
  }
  return schema;
}

function attributeRule(
  described: SchemaDescription,
  matching: AttributeMatching | undefined,
  schema: LabSchema,
): AttributeRule {
  const { fields } = described;
  return {
    ...matchingRuleOf({ ...matching, name: firstName(described) }, schema),
    singleValue: fields.has('SINGLE-VALUE'),
    operational: fields.has('USAGE'),
    readOnly: fields.has('NO-USER-MODIFICATION'),
  };
}

function classRule(
  described: SchemaDescription,
  content: { readonly must: readonly string[]; readonly may: readonly string[] } | undefined,
  schema: LabSchema,
): ClassRule {
  const firstNames = (names: readonly string[] = []) =>
    new Set(names.flatMap(name => schema.attribute(name)?.name ?? []));
  return { name: firstName(described), must: firstNames(content?.must), may: firstNames(content?.may) };
}

function parsed(text: string): SchemaDescription {
  const description = parseSchemaDescription(text);
  if (!description) throw new Error(`not a definition: ${text}`);
  return description;
}

function firstName({ fields }: SchemaDescription): string {
  return fields.get('NAME')?.[0] ?? '';
}

function put<Rule>(rules: Map<string, Rule>, { oid, fields }: SchemaDescription, rule: Rule): void {
  for (const name of [oid, ...(fields.get('NAME') ?? [])]) {
    rules.set(name, rule);
    rules.set(name.toLowerCase(), rule);
  }
}
