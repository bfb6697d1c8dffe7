import { readFileSync } from 'node:fs';
import { faultDelay } from '../fault.ts';
import { onHost, prefixOfWrapper, readCs6Facts, readFace } from '../host-tree.ts';
import { runDaemon } from '../lab-daemon.ts';
import {
  cs6RunningPath,
  enabledComponents,
  mainProcess,
  otherProcesses,
  parseServiceWords,
  processNumberPath,
  processTitle,
} from './cs6-layout.ts';
import { openCs6Face } from './free-busy-face.ts';
import { readIcsSettings } from './ics-settings.ts';
import { type Cs6State, companionOf } from './tool.ts';

// The server process: reads ics.conf once, at its start; a change needs a stop and a start (Administration Guide, appendix E).
const prefix = prefixOfWrapper();
const facts = readCs6Facts(prefix);

function load(): Cs6State {
  const reading = readIcsSettings(readFileSync(onHost(prefix, facts.icsConf), 'latin1'));
  const asked = parseServiceWords(process.argv.slice(2), [])?.components ?? [];
  const enabled = enabledComponents(reading.settings);
  return { ...reading, components: asked.length === 0 ? enabled : enabled.filter(one => asked.includes(one)) };
}

// The other components of the server have no port here.
async function open({ components, settings }: Cs6State): Promise<() => Promise<void>> {
  if (!components.includes('http')) return async () => undefined;
  return await openCs6Face({ prefix, facts, face: readFace(prefix, 'cs6'), settings });
}

// Without mounts of its own a host may lie below folders that are closed to a user of the server's number.
const dropsRoot = prefix === '' && process.getuid?.() === 0;

void runDaemon<Cs6State>(
  {
    title: ({ components }) => processTitle(facts, mainProcess(components)),
    statePath: cs6RunningPath(facts.data),
    pidPath: ({ components }) => processNumberPath(facts, mainProcess(components)),
    companions: ({ components }) => otherProcesses(facts, components).map(name => companionOf(facts, name)),
    outlive: facts.dialect.outlive,
    load,
    open,
    user: dropsRoot ? facts.owner : undefined,
    delay: faultDelay(prefix, 'start-cal.slow', 3000),
    diesAfter: faultDelay(prefix, 'start-cal.dies', 200),
  },
  prefix,
);
