import { NoAnswer } from './exchange.ts';

/** RFC 5321: 64 for the name, 255 for the domain, and the sign between. */
const longest = 320;

/** Throws NoAnswer when a text is no mail address; of what stands in one only as much as matters here is looked at. */
export function requireMailAddress(mail: string): void {
  const at = mail.lastIndexOf('@');
  if (at < 1 || at === mail.length - 1 || mail.length > longest || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(mail))
    throw new NoAnswer('no-address', `no mail address: ${mail === '' ? '(empty)' : mail}`);
}

/**
 * The calendar address of a mail address (RFC 6068). What is left unencoded ends neither a line nor a list of recipients,
 * so it can stand in a header and in iCalendar. Throws NoAnswer when it is no mail address at all.
 */
export function calendarAddress(mail: string): string {
  requireMailAddress(mail);
  const at = mail.lastIndexOf('@');
  return `mailto:${encode(mail.slice(0, at))}@${encode(mail.slice(at + 1))}`;
}

/** Whether a calendar address, as a server writes it, is that of a mail address. */
export function isAddressOf(mail: string, written: string): boolean {
  const bare = written
    .trim()
    .replace(/^<(.*)>$/, '$1')
    .replace(/^mailto:/i, '');
  return [bare, decode(bare)].some(one => one.toLowerCase() === mail.toLowerCase());
}

/** A plus sign is often part of a mail address and needs no code, and not every server decodes. */
function encode(part: string): string {
  return encodeURIComponent(part).replaceAll('%2B', '+').replaceAll('%24', '$');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
