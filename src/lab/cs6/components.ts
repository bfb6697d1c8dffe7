/** The components of start-cal and stop-cal, in their 6.3 start order (Administration Guide, appendix D). */
export const COMPONENTS = ['watcher', 'ens', 'store', 'notify', 'admin', 'dwp', 'http'] as const;

/** A component by the name that start-cal and stop-cal take. */
export type Component = (typeof COMPONENTS)[number];

const PROCESSES: Readonly<Record<Component, string>> = {
  watcher: 'watcher',
  ens: 'enpd',
  store: 'csstored',
  notify: 'csnotifyd',
  admin: 'csadmind',
  dwp: 'csdwpd',
  http: 'cshttpd',
};

/** Options and components of a start-cal or stop-cal line. */
export interface ServiceWords {
  readonly options: readonly string[];
  readonly components: readonly Component[];
}

/** The process of a component. */
export function processOf(component: Component): string {
  return PROCESSES[component];
}

/** Reads a start-cal or stop-cal line; nothing when it is misused. Options come before components. */
export function parseServiceWords(words: readonly string[], allowed: readonly string[]): ServiceWords | undefined {
  const first = words.findIndex(word => !word.startsWith('-'));
  const options = first < 0 ? words : words.slice(0, first);
  const components = first < 0 ? [] : words.slice(first);
  if (!options.every(option => allowed.includes(option)) || !components.every(isComponent)) return undefined;
  return { options, components: components.filter(isComponent) };
}

/** The components that ics.conf turns on; DWP serves remote databases and is off unless asked for. */
export function enabledComponents(settings: Readonly<Record<string, string>>): readonly Component[] {
  return COMPONENTS.filter(component => {
    const value = settings[`service.${component}.enable`] ?? (component === 'dwp' ? 'no' : 'yes');
    return value.startsWith('y');
  });
}

function isComponent(word: string): word is Component {
  return COMPONENTS.some(component => component === word);
}
