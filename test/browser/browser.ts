import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** A headless Chromium that talks to nobody. */
export interface TestBrowser {
  /** A page with this text as its document. */
  show(text: string, view?: View): Promise<ShownPage>;
  close(): Promise<void>;
}

/** How it is looked at. */
export interface View {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly media?: 'screen' | 'print';
}

/** A page, and what it did besides being shown. */
export interface ShownPage {
  readonly page: Page;
  /** What it wrote to the console, errors of the policy among it, and what was thrown. */
  readonly complaints: readonly string[];
  /** Addresses it asked for, besides its own. */
  readonly requests: readonly string[];
  /** Asks `in-page.mjs`. */
  ask<T>(question: string): Promise<T>;
}

const address = 'https://report.test/';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Debian's Chromium with an empty profile of its own. */
export async function startBrowser(): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'reconcile-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: flags,
  });
  await context.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
  await context.addInitScript({ path: join(import.meta.dirname, 'in-page.mjs') });
  return {
    show: (text, view = {}) => show(context, text, view),
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

async function show(context: BrowserContext, text: string, view: View): Promise<ShownPage> {
  const { width = 1280, scheme = 'light', media = 'screen' } = view;
  // One page at a time: the test that is over needs its own no more.
  for (const page of context.pages().slice(1)) await page.close();
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', message => complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(error.message));
  page.on('request', request => {
    if (request.url() !== address) requests.push(request.url());
  });
  await page.route('**/*', route =>
    route.request().url() === address ? route.fulfill({ contentType: 'text/html', body: text }) : route.abort(),
  );
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: scheme, media, reducedMotion: 'reduce' });
  await page.goto(address);
  return { page, complaints, requests, ask: question => page.evaluate(`inPage.${question}()`) };
}
