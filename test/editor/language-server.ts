import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CompletionItem,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  MarkupContent,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node.js';

const program = resolve('node_modules/yaml-language-server/bin/yaml-language-server');
const schema = pathToFileURL(resolve('schemas/estate.schema.json')).href;
const settings = {
  yaml: {
    schemas: { [schema]: '*.yaml' },
    schemaStore: { enable: false },
    completion: true,
    hover: true,
    validate: true,
  },
};

/** An editor with one program behind it: yaml-language-server, with the schema of the estate file. */
export interface Editor {
  /** What it offers at the mark `|` of a text, in the order of the list. */
  offers(marked: string): Promise<readonly CompletionItem[]>;
  /** What it shows when the pointer rests on the mark `|`. */
  hover(marked: string): Promise<string>;
  /** What it underlines. */
  problems(text: string): Promise<readonly Diagnostic[]>;
  close(): Promise<void>;
}

/** Starts the server and says to it what an editor says. */
export async function startEditor(): Promise<Editor> {
  const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const underlined = new Map<string, (found: readonly Diagnostic[]) => void>();
  const configured = new Promise<void>(done => {
    connection.onRequest(ConfigurationRequest.type, ({ items }) => {
      setImmediate(done);
      return items.map(({ section }) => (section === 'yaml' ? settings.yaml : {}));
    });
  });
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) =>
    underlined.get(uri)?.(diagnostics),
  );
  connection.listen();
  await connection.sendRequest(InitializeRequest.type, {
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
  await connection.sendNotification(InitializedNotification.type, {});
  await connection.sendNotification(DidChangeConfigurationNotification.type, { settings });
  await configured;

  let opened = 0;
  async function open(text: string) {
    opened += 1;
    const uri = `file:///tmp/editor-${opened}.yaml`;
    const found = new Promise<readonly Diagnostic[]>(done => underlined.set(uri, done));
    await connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'yaml', version: 1, text },
    });
    return { uri, found };
  }
  async function openMarked(marked: string) {
    const before = marked.slice(0, marked.indexOf('|'));
    const lines = before.split('\n');
    const { uri } = await open(before + marked.slice(before.length + 1));
    return { textDocument: { uri }, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
  }
  return {
    offers: async marked => {
      const answer = await connection.sendRequest(CompletionRequest.type, await openMarked(marked));
      return Array.isArray(answer) ? answer : (answer?.items ?? []);
    },
    hover: async marked => {
      const answer = await connection.sendRequest(HoverRequest.type, await openMarked(marked));
      return MarkupContent.is(answer?.contents) ? answer.contents.value : '';
    },
    problems: async text => (await open(text)).found,
    close: async () => {
      await connection.sendRequest(ShutdownRequest.type);
      await connection.sendNotification(ExitNotification.type);
      if (child.exitCode === null) await once(child, 'exit');
      connection.dispose();
    },
  };
}
