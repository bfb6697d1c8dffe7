import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect } from './json-rpc.ts';

const program = resolve('node_modules/yaml-language-server/bin/yaml-language-server');
const schema = pathToFileURL(resolve('schemas/estate.schema.json')).href;
const yaml = { schemas: { [schema]: '*.yaml' }, schemaStore: { enable: false } };

/** What an editor lists for a completion. */
export interface Offer {
  readonly label: string;
  readonly detail?: string;
  readonly documentation?: string | { readonly value: string };
  /** What it inserts, with tab stops such as `${1:root}`. */
  readonly textEdit?: { readonly newText: string };
}

/** What an editor underlines. */
export interface Problem {
  readonly message: string;
  readonly severity: number;
  readonly range: { readonly start: { readonly line: number } };
}

/** An editor with one program behind it: yaml-language-server, with the schema of the estate file. */
export interface Editor {
  /** What it offers at the mark `|` of a text. */
  offers(marked: string): Promise<readonly Offer[]>;
  /** What it shows when the pointer rests behind the mark `|`. */
  hover(marked: string): Promise<string>;
  problems(text: string): Promise<readonly Problem[]>;
  close(): Promise<void>;
}

/** Starts the server and tells it what an editor tells it. */
export async function startEditor(): Promise<Editor> {
  const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const underlined = new Map<string, (found: readonly Problem[]) => void>();
  let configure = (): void => {};
  const configured = new Promise<void>(done => {
    configure = done;
  });
  const { request, notify } = connect(child.stdout, child.stdin, (method, params) => {
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly Problem[] };
      underlined.get(uri)?.(diagnostics);
    }
    if (method !== 'workspace/configuration') return undefined;
    setImmediate(configure);
    const { items } = params as { items: readonly { section: string }[] };
    return items.map(({ section }) => (section === 'yaml' ? yaml : {}));
  });
  await request('initialize', {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: null,
    capabilities: {
      workspace: { configuration: true },
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
        hover: { contentFormat: ['markdown'] },
      },
    },
  });
  notify('initialized', {});
  notify('workspace/didChangeConfiguration', { settings: { yaml } });
  await configured;

  let opened = 0;
  const open = (text: string): string => {
    opened += 1;
    // Beside the examples, whose first line names the schema from there.
    const uri = pathToFileURL(resolve(`examples/editor-${opened}.yaml`)).href;
    notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return uri;
  };
  const openMarked = (marked: string) => {
    const [before = '', after = ''] = marked.split('|');
    const lines = before.split('\n');
    const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    return { textDocument: { uri: open(before + after) }, position };
  };
  return {
    offers: async marked => {
      const { items } = (await request('textDocument/completion', openMarked(marked))) as { items: readonly Offer[] };
      return items;
    },
    hover: async marked => {
      const shown = (await request('textDocument/hover', openMarked(marked))) as { contents: { value: string } } | null;
      return shown?.contents.value ?? '';
    },
    problems: text =>
      new Promise(done => {
        underlined.set(open(text), done);
      }),
    close: async () => {
      await request('shutdown');
      notify('exit');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
