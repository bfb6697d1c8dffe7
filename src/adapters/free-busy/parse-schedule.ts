import { parseXml, type XmlElement } from './xml-tree.ts';

/** What an iSchedule server says of one recipient; what is missing was missing. */
export interface RecipientAnswer {
  readonly recipient?: string;
  /** `2.0;Success`. */
  readonly status?: string;
  /** An iCalendar text. */
  readonly calendar?: string;
}

/** The body of an iSchedule answer: one answer for each recipient, or why the whole request is refused. */
export type ScheduleAnswer =
  | { readonly form: 'responses'; readonly responses: readonly RecipientAnswer[] }
  /** `name` is that of an element such as version-not-supported. */
  | { readonly form: 'error'; readonly name: string; readonly description?: string };

/** In the first draft, and in those after it. */
const descriptions = ['responsedescription', 'response-description'];

/** Reads the body of an answer of any draft. Throws with a reason when it is none. */
export function parseScheduleAnswer(text: string): ScheduleAnswer {
  const root = parseXml(text);
  if (root.name === 'error') return errorOf(root);
  if (root.name !== 'schedule-response')
    throw new Error(`its root is ${root.name.slice(0, 40)}, not schedule-response`);
  return { form: 'responses', responses: root.children.filter(({ name }) => name === 'response').map(responseOf) };
}

function errorOf({ children, text }: XmlElement): ScheduleAnswer {
  const described = children.find(({ name }) => descriptions.includes(name))?.text ?? text;
  const named = children.find(({ name }) => !descriptions.includes(name))?.name ?? 'error';
  return { form: 'error', name: named, ...(described !== '' && { description: described }) };
}

/** The DTD of the first draft has the recipient in an `href`, its examples have it as text. */
function responseOf({ children }: XmlElement): RecipientAnswer {
  const part = (name: string): XmlElement | undefined => children.find(one => one.name === name);
  const recipient = part('recipient')?.children.find(({ name }) => name === 'href') ?? part('recipient');
  const [status, calendar] = [part('request-status'), part('calendar-data')];
  return {
    ...(recipient && recipient.text !== '' && { recipient: recipient.text }),
    ...(status && status.text !== '' && { status: status.text }),
    ...(calendar && calendar.text !== '' && { calendar: calendar.text }),
  };
}
