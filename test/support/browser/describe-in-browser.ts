import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import { type Browser, chromium as playwright } from 'playwright-core';
import { findChromium, HOW_TO_GET_CHROMIUM, hasChromium } from './chromium.js';
import { Tab, type TabOptions } from './tab.js';

/** A browser for the tests of one file. */
export interface Browsing {
  /** A tab of its own, with nothing of what other tabs have stored. It is closed at the end of the test. */
  open(url: string, options?: TabOptions): Promise<Tab>;
  /** What may go wrong in this test, as the console of the browser words it. */
  expectFaults(...patterns: RegExp[]): void;
}

let isTold = false;

/**
 * Tests in a real browser. Each fails when a page of it threw, wrote an error to the console or broke its own policy,
 * unless that was expected. Where there is no Chromium they are skipped, and a line says how to get one.
 */
export function describeInBrowser(what: string, tests: (browsing: Browsing) => void): void {
  if (!hasChromium()) {
    if (!isTold) process.stderr.write(`Browser tests are skipped: ${HOW_TO_GET_CHROMIUM}.\n`);
    isTold = true;
    describe.skip(what, () => tests(undefined as never));
    return;
  }
  describe(what, () => {
    let browser: Browser;
    let tabs: Tab[] = [];
    let expected: RegExp[] = [];

    beforeAll(async () => {
      const { executablePath, env } = await findChromium();
      // Chromium refuses to run as root with a sandbox.
      const chromiumSandbox = process.getuid?.() !== 0;
      browser = await playwright.launch({ executablePath, chromiumSandbox, env: { ...process.env, ...env } as never });
    }, 60_000);
    afterEach(async () => {
      const faults = tabs.flatMap((tab) => tab.faults).filter((fault) => !expected.some((one) => one.test(fault)));
      await Promise.all(tabs.map((tab) => tab.close()));
      [tabs, expected] = [[], []];
      expect(faults).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
    });

    tests({
      async open(url, options) {
        const tab = await Tab.open(browser, url, options);
        tabs.push(tab);
        return tab;
      },
      expectFaults: (...patterns) => void expected.push(...patterns),
    });
  });
}
