import { expect, it } from 'vitest';
import { targetsOf } from '../../src/kinds/registry.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from './cases.ts';

const source = { file: 'estate.yaml', line: 1 };
const option = { name: 'notification.dav.smtpuser', value: null, caseMatters: true, because: 'It is set.', source };

it('an option that davadmin does not empty fails, and says why that may be', async () => {
  const live = {
    options: { 'notification.dav.smtpuser': 'calendar', 'davcore.uriinfo.permanentuniqueid': 'davUniqueId' },
    output: { './davadmin config modify': { code: 0, output: 'Usage: davadmin config\n' } },
  };
  const desired = desiredOf({ name: '', desired: { cs7: { options: [option] } }, live, changes: [] });
  const target = targetsOf(desired).find(t => t.kind === 'cs7-davadmin');
  if (!target) throw new Error('no target');
  const { ports } = memoryPorts(live);
  const outcomes = [];
  for await (const item of target.items(ports))
    for await (const outcome of target.apply([{ item, changes: item.changes }], ports)) outcomes.push(outcome);
  expect(outcomes).toMatchObject([{ state: 'failed', detail: expect.stringContaining('cannot be cleared this way') }]);
  expect(outcomes[0]?.detail).toContain('Reading back shows "calendar"');
});
