// SPDX-License-Identifier: ISC
// The few things that views do with the page, none of which can turn a string into markup.

import { texts } from '../texts/index.ts';

/** The element of the page with this id; a missing one is a mistake of the page. */
export function byId<T extends Element = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element as unknown as T;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function onClick(id: string, act: () => void): void {
  byId(id).addEventListener('click', act);
}

/** Fills a description list; `wide` facts get a line of their own. */
export function showFacts(list: HTMLElement, facts: readonly (readonly [string, string, 'wide'?])[]): void {
  list.replaceChildren(
    ...facts.map(([name, value, wide]) =>
      element('div', wide ?? '', element('dt', '', name), element('dd', '', value)),
    ),
  );
}

/** A button that says in a second line what it is. */
export function choice(name: string, detail: string, act: () => void): HTMLElement {
  const button = element('button', 'choice', element('span', '', name), element('small', '', detail));
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}

/** Replaces text only where it differs, so that screen readers do not say it again. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Makes a button copy, and say what came of it. */
export function copyOnClick(
  button: HTMLButtonElement,
  text: () => string,
  copy: (text: string) => Promise<void>,
): void {
  button.addEventListener('click', () => {
    void copy(text()).then(
      () => setText(button, texts.ui.copied),
      () => setText(button, texts.ui.notCopied),
    );
  });
}

/** A box of text with a button that copies it. */
export function copyBox(text: string, copy: (text: string) => Promise<void>): HTMLElement {
  const button = element('button', 'quiet', texts.ui.copy);
  button.type = 'button';
  copyOnClick(button, () => text, copy);
  const lines = element('pre', '', text);
  lines.tabIndex = 0;
  return element('div', 'copy-box', lines, button);
}

const SVG = 'http://www.w3.org/2000/svg';

export function svgElement(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: Node[]
): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** The tick of success, which draws itself. */
export function drawnTick(): SVGElement {
  return svgElement(
    'svg',
    { viewBox: '0 0 64 64', class: 'big-tick', 'aria-hidden': 'true' },
    svgElement('circle', { cx: 32, cy: 32, r: 29 }),
    svgElement('path', { d: 'M19 33 l9 9 l18 -19', pathLength: 1 }),
  );
}
