/** The parts of the vendor's chapter that pages refer to. */
export const chapter = {
  overview: '"Calendar Coexistence Overview"',
  minimum: '"Minimum Software Requirements"',
  patch: '"Configuring the Calendar Server 6 Environment", step 1',
  icsConf: '"Configuring the Calendar Server 6 Environment", step 2',
  restart: '"Configuring the Calendar Server 6 Environment", step 3',
  migrated: '"Configuring the Calendar Server 6 Environment", step 4',
  domainMap: '"Configuring the Calendar Server 7 Environment", steps 1 and 2',
  localUser: '"Configuring the Calendar Server 7 Environment", step 3',
  subjectAttributes: '"Configuring the Calendar Server 7 Environment", step 4',
  accounts: '"Configuring the Calendar Server 7 Environment", step 5',
  workflow6: '"About the Calendar Server 6 Configuration"',
  workflow7: '"About the Calendar Server 7 Configuration"',
} as const;

/** The document all of them are in. */
export const chapterTitle = 'Calendar Server Installation and Configuration Guide 7.0.5, chapter 10';
