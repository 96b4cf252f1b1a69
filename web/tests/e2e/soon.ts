// SPDX-License-Identifier: ISC
// What a page comes to show after a click, a file or an answer from the board: asked for until it is there, for a bounded
// time, and what was there instead is said when it never came.

import type { Locator, Page } from 'playwright-core';

const patience = 15_000;

/** Reads until `holds`, and fails with what was read last. */
export async function soon<T>(what: string, read: () => Promise<T>, holds: (value: T) => boolean): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const value = await read();
    if (holds(value)) return;
    if (Date.now() > end) throw new Error(`${what}; ${patience / 1000} s later there was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Null where there is no such element (yet). */
async function shown(where: Locator): Promise<string | null> {
  return (await where.count()) === 0 ? null : where.first().innerText();
}

const named = (where: Page | Locator, selector?: string): Locator =>
  selector === undefined ? (where as Locator) : where.locator(selector);

/** The text of an element, as it is seen. */
export function expectText(page: Page, selector: string | Locator, wanted: RegExp): Promise<void> {
  const where = typeof selector === 'string' ? named(page, selector) : selector;
  return soon(
    `${selector} was to say ${wanted}`,
    () => shown(where),
    (text) => text !== null && wanted.test(text),
  );
}

export function expectVisible(page: Page, selector: string, visible = true): Promise<void> {
  return soon(
    `${selector} was to be ${visible ? 'visible' : 'hidden'}`,
    () => page.locator(selector).isVisible(),
    (is) => is === visible,
  );
}

export const expectHidden = (page: Page, selector: string): Promise<void> => expectVisible(page, selector, false);

export function expectDisabled(page: Page, selector: string): Promise<void> {
  return soon(
    `${selector} was to be disabled`,
    () => page.locator(selector).isDisabled(),
    (is) => is,
  );
}

/** An attribute of the first such element. */
export function expectAttribute(page: Page, selector: string, name: string, wanted: RegExp): Promise<void> {
  return soon(
    `${selector} was to have ${wanted} for its ${name}`,
    () => page.locator(selector).first().getAttribute(name),
    (value) => value !== null && wanted.test(value),
  );
}
