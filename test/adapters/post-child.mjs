import { openWebhook } from '../../src/adapters/notify/webhook.ts';
import { Secret } from '../../src/ports/secret.ts';

/** Posts one notification to the address that it is called with, and prints what became of it. */
const [, , url = ''] = process.argv;
const settings = { pause: async () => {}, chance: () => 0.5, now: () => 1_795_000_000, variables: process.env };
const webhook = openWebhook({ url: new Secret(url), ...settings });
const notice = { id: '0123abcd', subject: 's', text: 't', body: { event: 'appeared' } };
const told = await webhook.tell(notice, new AbortController().signal).then(
  () => ({ done: true }),
  problem => ({ detail: problem.finding?.detail ?? String(problem) }),
);
process.stdout.write(JSON.stringify(told));
