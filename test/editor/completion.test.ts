import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Editor, startEditor } from './language-server.ts';

let editor: Editor;

beforeAll(async () => {
  editor = await startEditor();
});
afterAll(() => editor.close());

describe('the names of sections', () => {
  it.each([
    ['directory:\n  |', 'Directory'],
    ['cs6:\n  |', 'Calendar Server 6'],
    ['cohorts:\n  a:\n    |', 'Cohort'],
    ['domains:\n  example.com:\n    |', 'Mail domain'],
  ])('%j offers the whole section as %j', async (text, label) => {
    expect((await editor.offers(text)).map(item => item.label)).toContain(label);
  });
});
