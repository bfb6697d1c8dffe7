import { openHttpFace } from '../freebusy/http-face.ts';
import { prefixOfWrapper, readCs7Facts, readFace } from '../host-tree.ts';
import { runDaemon } from '../lab-daemon.ts';
import { answerCs7 } from './get-freebusy.ts';
import { CS7_RUNNING_PATH, type Cs7State, containerPlaces, containerTitle, readCs7State } from './lab-container.ts';

// The container's process. That it reads options and domain map only at its start is the careful assumption: the books do not say.
const prefix = prefixOfWrapper();
const facts = readCs7Facts(prefix);

async function open({ options, domainMap }: Cs7State): Promise<() => Promise<void>> {
  const face = readFace(prefix, 'cs7');
  return await openHttpFace(face.address, face.httpPort, question =>
    answerCs7({ prefix, face, options, domainMap }, question),
  );
}

void runDaemon<Cs7State>(
  {
    title: () => containerTitle(facts.dialect),
    statePath: CS7_RUNNING_PATH,
    pidPath: () => containerPlaces(facts.dialect).pidFile,
    load: () => readCs7State(prefix, facts),
    open,
  },
  prefix,
);
