import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { knownSetting } from '../products/known-setting.ts';
import { products } from '../products/products.ts';
import type { ScalarNode, ValueNode } from './node.ts';
import { placeOf, type Span } from './source-text.ts';

/** What stands in for a secret wherever text of a file is shown. */
export const mask = '••••••';

/** What of a file must not be shown: it is a secret, or stands where one is expected. */
export interface LiteralSecrets {
  readonly spans: readonly Span[];
  readonly texts: readonly string[];
  /** Secrets at places where nothing else would refuse them. */
  readonly findings: readonly Finding[];
}

/** Names under which people keep secrets: `password`, `passphrase`, `local.authldapbindcred`; a `passwordFile` is a path. */
const secretName = /passw(?!ord_?-?file)|passphrase|secret|cred|pwd|bindpw/i;

/** A private key, or a URL with a password in it. */
const secretText = /-----BEGIN [A-Z ]*PRIVATE KEY-----|^[a-z][a-z0-9+.-]*:\/\/[^/@\s:]*:[^/@\s]*@/i;

/** Whether a key of this name may hold a secret; a setting of which more is known than its name holds none. */
export function isSecretName(name: string): boolean {
  return (
    secretName.test(name) && Object.values(products).every(({ knownSettings }) => !knownSetting(knownSettings, name))
  );
}

/** Looks through a file for secrets, by the names of keys and by the look of values. */
export function findLiteralSecrets(root: ValueNode): LiteralSecrets {
  const hidden: ScalarNode[] = [];
  const known: ScalarNode[] = [];
  const visit = (part: ValueNode, secret: boolean): void => {
    if (part.form === 'list') for (const item of part.items) visit(item, secret);
    else if (part.form === 'map') {
      for (const [key, entry] of part.entries)
        visit(entry.part, secret ? !isReference(key, entry.part) : isSecretName(key));
    } else if (typeof part.value === 'string' && secretText.test(part.value)) known.push(part);
    else if (secret && part.span.end > part.span.start) hidden.push(part);
  };
  visit(root, false);
  const all = [...hidden, ...known];
  return {
    spans: all.map(part => part.span),
    texts: [...new Set(all.map(part => String(part.value)))],
    findings: known.map(part => literalSecret(part.span)),
  };
}

/** `{ env: … }`, `{ file: … }` and `{ command: […] }` say where a secret is; they are not the secret. */
function isReference(key: string, part: ValueNode): boolean {
  if (key === 'command') return part.form === 'list';
  if (part.form !== 'scalar' || typeof part.value !== 'string') return false;
  return key === 'file' || (key === 'env' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(part.value));
}

/** The finding for a secret that stands in the file itself. */
export function literalSecret(span: Span): Finding {
  return finding('estate.literal-secret', {
    detail:
      'Everyone who can read the file could use the secret, and git keeps it forever. Write where to find it instead:\n    { env: LDAP_PASSWORD }          an environment variable\n    { file: secrets/ldap }          a file next to this one, not in git\n    { command: [pass, show, ldap] } the first line that a command prints\nChange the secret if it was ever committed.',
    where: placeOf(span),
  });
}

/** The ways in which a secret may be quoted. Very short ones are left out: they would take half of the words away. */
export function quotable(secrets: readonly string[]): readonly string[] {
  const long = secrets.filter(secret => secret.length >= 4);
  return [...new Set(long.flatMap(secret => [secret, JSON.stringify(secret).slice(1, -1)]))];
}

/** A text without the secrets in it. */
export function withoutSecrets(text: string, quoted: readonly string[]): string {
  return quoted.reduce((rest, secret) => (rest.includes(secret) ? rest.replaceAll(secret, mask) : rest), text);
}
