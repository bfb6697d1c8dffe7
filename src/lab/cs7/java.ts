import { openHttpFace } from '../freebusy/http-face.ts';
import { prefixOfWrapper, readCs7Facts, readFace } from '../host-tree.ts';
import { runDaemon } from '../lab-daemon.ts';
import { answerCs7 } from './get-freebusy.ts';
import { CONTAINER_PID_PATH, CONTAINER_TITLE, CS7_RUNNING_PATH, type Cs7State, readCs7State } from './lab-container.ts';

// The container's process. That it reads options and domain map only at its start is the careful assumption: the books do not say.
const prefix = prefixOfWrapper();

async function open({ options, domainMap }: Cs7State): Promise<() => Promise<void>> {
  const face = readFace(prefix, 'cs7');
  return await openHttpFace(face.address, face.httpPort, question =>
    answerCs7({ prefix, face, options, domainMap }, question),
  );
}

await runDaemon<Cs7State>(
  {
    title: CONTAINER_TITLE,
    statePath: CS7_RUNNING_PATH,
    pidPath: CONTAINER_PID_PATH,
    load: () => readCs7State(prefix, readCs7Facts(prefix)),
    open,
  },
  prefix,
);
