// Makes one look-up and prints what came of it and how much memory that took at most. Words: kind, URL of the server, milliseconds.

import { openFreeBusy } from '../../../src/adapters/free-busy/reader.ts';

const [kind, http, patience] = process.argv.slice(2);
const reader = openFreeBusy(0, { patience: Number(patience), variables: process.env });
const answer =
  kind === 'lookUp'
    ? await reader.lookUp({ http, side: 'cs7', mail: 'jdoe@example.com' })
    : await reader.schedule({ url: `${http}/`, organizer: 'asks@example.com', attendee: 'jdoe@example.com' });
const { failure, detail, busy } = answer;
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ failure, detail, times: busy?.length, megabytes }));
