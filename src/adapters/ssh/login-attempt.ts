import type { AnyAuthMethod, AuthenticationType, Prompt } from 'ssh2';
import { printable } from '../../core/printable.ts';
import { describeEndpoint, type Endpoint } from './host-endpoint.ts';
import { quotePrompt } from './host-fault.ts';
import { type KeyEvents, type OfferedKey, publicKeyMethod } from './offered-key.ts';
import type { Login } from './ssh-login.ts';

/** One thing that the host was shown. `what`: a key, or an answer, for a message. */
export interface Trial {
  readonly what: string;
  /** `recognised`: it wanted a signature with the key, and refused the login then. */
  readonly outcome: 'accepted' | 'refused' | 'recognised' | 'unsigned' | 'unsuitable';
  readonly reason?: string;
}

/** Why a login stops although the host would go on. */
export interface StopReason {
  /** No answer is known; the only one was sent already; or the password has expired, and only a person can choose a new one. */
  readonly stop: 'unanswered' | 'asked-again' | 'new-password';
  /** What the host asks, in quotes and safe to print. */
  readonly prompt: string;
  /** The key of `ssh` that would answer. */
  readonly secret: 'password' | 'code';
}

/** What a login needs from the connection. */
export interface LoginGround {
  readonly endpoint: Endpoint;
  readonly login: Login;
  /** Ends the connection. */
  readonly stop: (reason: StopReason) => void;
  /** Ends the connection with a problem of this side. */
  readonly fail: (problem: unknown) => void;
  /** Stops the clock while a person or a token is waited for. */
  readonly holding: <T>(work: Promise<T>) => Promise<T>;
  /** Is given when the connection ends. */
  readonly signal: AbortSignal;
}

type Kind = 'password' | 'code';
type Next = (method: AnyAuthMethod) => void;

/** How often the questions of a login are answered by a person, as for OpenSSH (NumberOfPasswordPrompts). */
const tries = 3;

/** Prompts of one request; a login has one or two. */
const mostPrompts = 10;

/**
 * One login: chooses what to show the host next, in the order of OpenSSH (keys, then questions, then the password), answers its
 * questions, and keeps what happened. No secret is sent twice unless the host accepted it.
 */
export class LoginAttempt implements KeyEvents {
  readonly #ground: LoginGround;
  readonly #keys: OfferedKey[];
  readonly #trials: Trial[] = [];
  readonly #spent = new Set<Kind>();
  #current: { what: string; kind: 'none' | 'key' | 'answers'; shown: boolean; recognised: boolean } | undefined;
  #allowed: readonly string[] | undefined;
  #askedMethods = false;
  #rounds = 0;
  #personAnswered = false;

  constructor(ground: LoginGround) {
    this.#ground = ground;
    this.#keys = [...ground.login.keys];
  }

  /** What the host was shown, in order. */
  get trials(): readonly Trial[] {
    return this.#trials;
  }

  /** Keys that were not reached. */
  get unreached(): readonly OfferedKey[] {
    return this.#keys;
  }

  /** The methods that the host says it allows next; absent while it has not said. */
  get allowed(): readonly string[] | undefined {
    return this.#allowed;
  }

  /** Whether a secret of the file was sent, and not accepted. */
  get sentSecret(): boolean {
    return this.#spent.size > 0;
  }

  /** Whether the login has begun. */
  get begun(): boolean {
    return this.#current !== undefined || this.#trials.length > 0;
  }

  /** What ssh2 calls for the next attempt. `left`: methods that the host allows; `partial`: it accepted the last one, and wants more. */
  next(
    left: readonly AuthenticationType[] | null,
    partial: boolean | null,
    next: Next,
  ): AnyAuthMethod | false | undefined {
    this.#settle(left ?? undefined, partial === true);
    const { user: username } = this.#ground.endpoint;
    if (this.#allows('publickey')) {
      const key = this.#keys.shift();
      if (key) {
        this.#begin('key', describeKey(key));
        const sign: OfferedKey['sign'] = (...request) => this.#ground.holding(key.sign(...request));
        return publicKeyMethod(username, { ...key, sign });
      }
    }
    if (!this.#allowed && !this.#askedMethods) {
      this.#askedMethods = true;
      this.#begin('none', '');
      return { type: 'none', username };
    }
    if (this.#allows('keyboard-interactive') && this.#mayAnswerQuestions()) return this.#interactive(username);
    if (this.#allows('password') && this.#maySendPassword()) return this.#password(username, next);
    return false;
  }

  offered(): void {
    if (this.#current) this.#current.shown = true;
  }

  signed(): void {
    if (this.#current) this.#current.recognised = true;
  }

  unsigned(_key: OfferedKey, reason: string): void {
    this.#trials.push({ what: this.#current?.what ?? '', outcome: 'unsigned', reason });
    this.#current = undefined;
  }

  /** The connection ended in the middle: what was shown last was not answered. */
  cutOff(): void {
    if (this.#current?.kind === 'none') this.#current = undefined;
    this.#settle(this.#allowed, false);
  }

  #begin(kind: 'none' | 'key' | 'answers', what: string): void {
    this.#current = { what, kind, shown: kind !== 'key', recognised: false };
  }

  #settle(left: readonly string[] | undefined, partial: boolean): void {
    this.#allowed = left;
    const current = this.#current;
    this.#current = undefined;
    if (!current || current.kind === 'none') return;
    const { what: shownFirst, shown, recognised } = current;
    const what = shownFirst === '' ? 'no answer, because it asked for none' : shownFirst;
    if (!shown) this.#trials.push({ what, outcome: 'unsuitable' });
    else if (!partial) this.#trials.push({ what, outcome: recognised ? 'recognised' : 'refused' });
    else {
      this.#trials.push({ what, outcome: 'accepted' });
      this.#spent.clear();
      this.#rounds = 0;
    }
  }

  /** Until the host has said what it allows, keys are offered; that saves a trip. */
  #allows(method: string): boolean {
    return this.#allowed ? this.#allowed.includes(method) : method === 'publickey';
  }

  /**
   * Where nothing could answer, the host is not asked for its questions: most hosts would ask for a password after every key. After a
   * partial success it is, so that the message has the question.
   */
  #mayAnswerQuestions(): boolean {
    const { password, code, ask } = this.#ground.login;
    if (this.#rounds === 0) return Boolean(password || code || ask) || this.#wantsMore();
    return this.#mayAskAgain();
  }

  #maySendPassword(): boolean {
    const { password, ask } = this.#ground.login;
    if (password && !this.#spent.has('password')) return true;
    return this.#rounds === 0 ? ask !== undefined || this.#wantsMore() : this.#mayAskAgain();
  }

  #wantsMore(): boolean {
    return this.#trials.at(-1)?.outcome === 'accepted';
  }

  #mayAskAgain(): boolean {
    return this.#ground.login.ask !== undefined && this.#personAnswered && this.#rounds < tries;
  }

  #interactive(username: string): AnyAuthMethod {
    this.#rounds += 1;
    this.#personAnswered = false;
    this.#begin('answers', '');
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        this.#answerAll(prompts).then(
          answers => answers && finish([...answers]),
          problem => this.#ground.fail(problem),
        );
      },
    };
  }

  #password(username: string, next: Next): undefined {
    this.#rounds += 1;
    this.#personAnswered = false;
    this.#begin('answers', '');
    this.#answer({ prompt: 'Password: ', echo: false }).then(
      password => password !== undefined && next({ type: 'password', username, password }),
      problem => this.#ground.fail(problem),
    );
    return undefined;
  }

  /** Nothing where the login was stopped. */
  async #answerAll(prompts: readonly Prompt[]): Promise<readonly string[] | undefined> {
    const answers: string[] = [];
    for (const prompt of prompts) {
      const answer = prompts.length > mostPrompts ? this.#leave(prompt) : await this.#answer(prompt);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  async #answer(prompt: Prompt): Promise<string | undefined> {
    const { login, endpoint, holding, signal } = this.#ground;
    const quoted = quotePrompt(prompt.prompt);
    const kind = kindOf(prompt.prompt);
    const secret = asksForNewPassword(prompt.prompt) || this.#spent.has(kind) ? undefined : login[kind];
    if (secret) {
      this.#spent.add(kind);
      this.#answered(`ssh.${kind}`, quoted);
      return (await secret()).reveal();
    }
    if (!login.ask) return this.#leave(prompt);
    this.#personAnswered = true;
    this.#answered('an answer from the terminal', quoted);
    const question = `${describeEndpoint(endpoint)} asks: ${quoted} `;
    return holding(login.ask(question, { hidden: prompt.echo !== true, signal }));
  }

  #answered(by: string, quoted: string): void {
    if (!this.#current) return;
    const { what } = this.#current;
    this.#current.what = `${what === '' ? '' : `${what}, `}${by} for ${quoted}`;
  }

  #leave({ prompt }: Prompt): undefined {
    const secret = kindOf(prompt);
    const stop = asksForNewPassword(prompt) ? 'new-password' : this.#spent.has(secret) ? 'asked-again' : 'unanswered';
    this.#ground.stop({ stop, secret, prompt: quotePrompt(prompt) });
  }
}

/** `ssh-ed25519 SHA256:… ~/.ssh/id_ed25519` */
export function describeKey({ type, fingerprint, name }: OfferedKey): string {
  return `${printable(type.slice(0, 100))} ${fingerprint} ${printable(name.slice(0, 300)).replaceAll('\n', '\\n')}`;
}

/** Codes that are used once are called passwords as well (`One-time password (OATH) for root:`). */
function kindOf(prompt: string): Kind {
  return /password|passwort|mot de passe/i.test(prompt) && !/one.?time|\b(otp|token|verification|code)\b/i.test(prompt)
    ? 'password'
    : 'code';
}

/** PAM asks in this way when a password has expired. The old one must not be taken for the new one. */
function asksForNewPassword(prompt: string): boolean {
  return /\bnew\b.*password|password.*\bagain\b|retype|re-?enter/i.test(prompt);
}
