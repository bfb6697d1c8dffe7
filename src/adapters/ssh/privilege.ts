import pLimit from 'p-limit';
import type { Privilege, SecretReference } from '../../core/desired.ts';
import type { Secret } from '../../ports/secret.ts';
import { HostFault } from './host-fault.ts';

/** What a host showed when a login became another user. */
export interface Acting {
  readonly user: string;
  /** As `id` printed it. */
  readonly identity: string;
  /** Absent where the password database has none. */
  readonly home?: string;
  /** A password was asked for. */
  readonly asked: boolean;
  readonly terminal: boolean;
}

/** How an answer to a password prompt went: `unknown` where the connection ended before it was known. */
export type Verdict = 'accepted' | 'unknown' | HostFault;

/**
 * One password of one account. As long as nobody has accepted it, one host at a time tries it, and once it was refused no
 * other host is sent it: the account may be the same on all of them, and a few wrong passwords lock it.
 */
class Trial {
  #verdict: Verdict = 'unknown';
  #turn: Promise<void> | undefined;

  /** Waits until the password may be sent, and rejects where it may not. The function that it resolves with ends the turn. */
  async enter(): Promise<(verdict: Verdict) => void> {
    while (this.#verdict === 'unknown' && this.#turn) {
      await this.#turn;
    }
    if (this.#verdict instanceof HostFault) {
      throw spared(this.#verdict);
    }
    if (this.#verdict === 'accepted') {
      return () => undefined;
    }
    let leave = () => {};
    this.#turn = new Promise(resolve => {
      leave = resolve;
    });
    return verdict => {
      this.#verdict = this.#verdict === 'unknown' ? verdict : this.#verdict;
      this.#turn = undefined;
      leave();
    };
  }
}

function spared(first: HostFault): HostFault {
  const why =
    'another host did not accept that password (ssh.privilege.password), so it is not sent to this one: the account could be locked.';
  return new HostFault('host.privilege-wrong-password', `${why}\n${first.detail}`);
}

/** The passwords of a run, each tried as carefully as if all hosts shared their accounts. */
export class Passwords {
  readonly #trials = new Map<string, Trial>();
  readonly #secret: (reference: SecretReference) => Promise<Secret>;

  readonly #wait: number;

  /** `wait`: milliseconds that each step of becoming another user may take. */
  constructor(secret: (reference: SecretReference) => Promise<Secret>, wait: number) {
    this.#secret = secret;
    this.#wait = wait;
  }

  /** The privilege of one host. */
  privilegeOf(stated: Privilege): HostPrivilege {
    return new HostPrivilege(stated, this, this.#wait);
  }

  /** The password as it is sent. What a terminal or sudo would not take in one piece is refused: its rest would reach a shell. */
  async reveal(reference: SecretReference): Promise<Buffer> {
    const text = (await this.#secret(reference)).reveal().replace(/\r?\n$/, '');
    const password = Buffer.from(text);
    if (password.length === 0 || password.length > 250 || /[\0-\x1f\x7f]/.test(text)) {
      const detail = 'ssh.privilege.password must be one line of 1 to 250 bytes without control characters.';
      throw new HostFault('host.privilege-no-password', `${detail}\nNothing was sent to the host.`);
    }
    return Buffer.concat([password, Buffer.from('\n')]);
  }

  /** The trial of the password of an account. */
  trial(reference: SecretReference, account: string): Trial {
    const key = JSON.stringify([reference, account]);
    const trial = this.#trials.get(key) ?? new Trial();
    this.#trials.set(key, trial);
    return trial;
  }
}

/** What holds of the privilege on one host for as long as this program runs, over all connections to it. */
export class HostPrivilege {
  readonly stated: Privilege;
  /** Milliseconds for each step. */
  readonly wait: number;
  readonly #passwords: Passwords;
  readonly #turns = pLimit(1);
  /** The command works on a terminal only. */
  terminal: boolean;
  #refusal: HostFault | undefined;

  constructor(stated: Privilege, passwords: Passwords, wait: number) {
    this.stated = stated;
    this.wait = wait;
    this.#passwords = passwords;
    this.terminal = stated.by === 'su' || (stated.by === 'doas' && stated.password !== undefined);
  }

  /** The password with its line end; nothing where none is stated. */
  async password(): Promise<Buffer | undefined> {
    return this.stated.password && (await this.#passwords.reveal(this.stated.password));
  }

  /** Waits until the password may be sent from a login. */
  async enter(login: string): Promise<(verdict: Verdict) => void> {
    const { password, by, as } = this.stated;
    if (!password) return () => undefined;
    const leave = await this.#passwords.trial(password, by === 'su' ? as : login).enter();
    return verdict => {
      this.#refusal = verdict instanceof HostFault ? verdict : this.#refusal;
      leave(verdict);
    };
  }

  /** One after another where a password is sent, so that a wrong one is sent once. After a refusal, all is refused. */
  begin<T>(action: () => Promise<T>): Promise<T> {
    const attempt = () => (this.#refusal ? Promise.reject(this.#refusal) : action());
    return this.stated.password ? this.#turns(attempt) : attempt();
  }
}
