import type { RestartPolicy } from '../core/desired.ts';
import type { KnownSetting } from './known-setting.ts';

/** A command of a product: its words, and the folders in which its program may be; the first that exists counts. */
export interface ProductCommand {
  readonly words: readonly string[];
  readonly directories?: readonly string[];
  /** Further variables of the environment; never a secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The user that runs it; absent: the login. */
  readonly as?: string;
  /** It is looked for and not run. */
  readonly find?: true;
}

/** Looks for a command without running it. */
export function lookFor({ words: [first = ''], directories = [] }: ProductCommand): ProductCommand {
  return { words: [first], directories, find: true };
}

/** The process lists that POSIX and Solaris 10 have alike. `zones` and `ownZone` are Solaris's alone. */
export const processQueries = {
  list: { words: ['ps', '-e', '-o', 'pid', '-o', 'etime', '-o', 'args'] },
  parents: { words: ['ps', '-e', '-o', 'pid', '-o', 'ppid'] },
  zones: { words: ['ps', '-e', '-o', 'pid', '-o', 'zone'] },
  ownZone: { words: ['zonename'] },
} as const;

/** What a package system says of where a product was installed, and what lies below that place. */
export interface PackageQuestion {
  /** Prints the folder that the package was installed below. */
  readonly words: readonly string[];
  /** Folders below it that its commands may be in. */
  readonly commands: readonly string[];
  /** Its configuration may be one of these files below it. */
  readonly files: readonly string[];
}

/** How a server is restarted, and asked whether it runs where its processes do not tell. */
export interface RestartCommandsOf {
  readonly stop: ProductCommand;
  readonly start: ProductCommand;
  readonly status?: ProductCommand;
}

/** The commands of a restart: those that the file states, else the product's own. */
export function restartCommands<H extends { readonly restart: RestartPolicy }>(
  product: Pick<Product<H>, 'stop' | 'start'>,
  host: H,
): RestartCommandsOf {
  const { restart } = host;
  if (typeof restart === 'string') return { stop: product.stop(host), start: product.start(host) };
  const command = (words: readonly string[]): ProductCommand => ({
    words,
    ...(restart.as !== undefined && { as: restart.as }),
  });
  return {
    stop: command(restart.stop),
    start: command(restart.start),
    ...(restart.status && { status: command(restart.status) }),
  };
}

/** Any one word of a command. */
export const anyWord = Symbol('any word');

/** The words of a command that changes nothing, whatever stands for `anyWord`. */
export type QueryForm = readonly (string | typeof anyWord)[];

/** What the estate file says that the settings of coexistence depend on. */
export interface CoexistenceFacts {
  /** The CS7 host that CS6 refers to. */
  readonly redirect: { readonly name: string; readonly http: string };
  /** The attribute whose presence makes an account local to CS7. */
  readonly localUser: string;
  /** The attribute that CS7 knows an account by. */
  readonly uniqueId: string;
}

/** A setting that coexistence needs: its value follows from the rest of the estate file, and nobody may set it by hand. */
export interface DerivedSetting {
  readonly name: string;
  /** The one value, or the words that a list must include. */
  value(facts: CoexistenceFacts): string | { readonly include: readonly string[] };
  /** Why, in one sentence, for people. */
  because(facts: CoexistenceFacts): string;
  /** The section of the chapter that asks for it. */
  readonly chapter: string;
  /** What of the estate file it follows from: `host` where every host of the product needs it. */
  readonly from: 'host' | 'freeBusyRedirect' | 'directory.localUser';
}

/** What holds of a calendar server of one product, whatever host `H` it runs on. Another server is another row. */
export interface Product<H> {
  readonly id: 'cs6' | 'cs7';
  readonly name: string;
  /** Names of the processes that read its configuration; empty where a file holds the number of the one process. */
  readonly processes: readonly string[];
  /** Folders that its programs are below; empty where no path tells whose a process is. */
  programs(host: H): readonly string[];
  /** What the package system of a host says of its places. */
  packages(host: H): readonly PackageQuestion[];
  /** Candidates for the files that hold the number of a process of it. */
  pidFiles(host: H): readonly string[];
  /** Every place of a file that the service reads when it starts. */
  readsAtStart(host: H): readonly string[];
  stop(host: H): ProductCommand;
  start(host: H): ProductCommand;
  /** Lists what runs. */
  list(host: H): ProductCommand;
  /** The forms of its commands that change nothing. */
  readonly queries: readonly QueryForm[];
  /** Where WCAP `get_freebusy` is, below the address of a front end. */
  readonly getFreeBusy: string;
  readonly knownSettings: readonly KnownSetting[];
  readonly derivedSettings: readonly DerivedSetting[];
}
