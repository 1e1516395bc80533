import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

export interface TabOptions {
  /** What the reader's device prefers; light if left out. */
  theme?: 'light' | 'dark';
  isPhone?: boolean;
}

const IMAGES = join(import.meta.dirname, '../../../docs/images');
const WINDOW = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** What is waited for has so long to come, on a machine that does other things as well. */
const PATIENCE_MS = 15_000;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What appears is half transparent for a moment. */
const SETTLED = `Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime < Infinity).map((one) => one.finished))`;

/** A tab as a person uses it: things are found by what they are called. */
export class Tab {
  /** What the page did wrong so far. */
  readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {
    page.on('pageerror', (error) => this.faults.push(`thrown: ${error.stack}`));
    // Violations of the policy are written there, too.
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(`${message.text()} (${message.location().url})`);
    });
  }

  static async open(
    browser: Browser,
    url: string,
    { theme = 'light', isPhone = false }: TabOptions = {},
  ): Promise<Tab> {
    const device = isPhone
      ? { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
      : { viewport: WINDOW };
    const context = await browser.newContext({
      ...device,
      colorScheme: theme,
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const tab = new Tab(await context.newPage(), context);
    await tab.page.goto(url);
    return tab;
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole('link', { name });
  }

  field(label: string | RegExp): Locator {
    return this.page.getByLabel(label);
  }

  text(text: string | RegExp): Locator {
    return this.page.getByText(text);
  }

  /** The row of a table that has this text in it. */
  row(text: string | RegExp): Locator {
    return this.page.getByRole('row').filter({ hasText: text });
  }

  /** Waits until it is to be seen. */
  async see(what: Locator): Promise<void> {
    await what.first().waitFor({ state: 'visible' });
  }

  /** Waits until it is not to be seen any more. */
  async seeNo(what: Locator): Promise<void> {
    await what.first().waitFor({ state: 'hidden' });
  }

  /** Opens a list of choices and takes one. */
  async choose(list: string, choice: string): Promise<void> {
    await this.page.getByRole('button', { name: list }).click();
    await this.page.getByRole('option', { name: choice, exact: true }).click();
  }

  /** The address without what is before the path. */
  get path(): string {
    const { pathname, search, hash } = new URL(this.page.url());
    return pathname + search + hash;
  }

  /** What people with a screen reader, a keyboard or weak eyes would stumble over, a line for each; in a part of the page. */
  async accessibilityFaults(part = 'html'): Promise<string[]> {
    await this.page.evaluate(SETTLED);
    // Evaluated as text: the page's policy would not let it load a script.
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate<AxeResult>(
      `axe.run(${JSON.stringify(part)}, { resultTypes: ["violations"] })`,
    );
    return found.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html}: ${failureSummary}`),
    );
  }

  /** Writes a picture for the documentation where SCREENSHOTS is set; does nothing otherwise. */
  async screenshot(name: string): Promise<void> {
    if (!process.env.SCREENSHOTS) return;
    mkdirSync(IMAGES, { recursive: true });
    await this.page.screenshot({ path: join(IMAGES, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}
