// SPDX-License-Identifier: ISC
// What the page is used for: updating, installing a bootloader, talking to an application. The address remembers it.

import { byId } from './dom.ts';

export type PageMode = 'update' | 'install' | 'console';

const entered = new Map<PageMode, () => void>();

/** Calls back whenever the mode is entered. */
export function onEnter(mode: PageMode, act: () => void): void {
  entered.set(mode, act);
}

export function chooseModes(): void {
  for (const button of buttons()) {
    button.addEventListener('click', () => {
      history.replaceState(null, '', button.dataset['mode'] === 'update' ? '#' : `#${button.dataset['mode']}`);
      enter(button.dataset['mode'] as PageMode);
    });
  }
  const wanted = buttons().find((one) => `#${one.dataset['mode']}` === location.hash);
  enter((wanted?.dataset['mode'] as PageMode | undefined) ?? 'update');
}

export function enter(mode: PageMode): void {
  for (const button of buttons()) {
    if (button.dataset['mode'] === mode) button.setAttribute('aria-current', 'page');
    else button.removeAttribute('aria-current');
  }
  byId('awake').dataset['mode'] = mode;
  for (const one of ['update', 'install', 'console'] as const) byId(`${one}-mode`).hidden = one !== mode;
  entered.get(mode)?.();
}

function buttons(): HTMLButtonElement[] {
  return [...byId('modes').querySelectorAll('button')];
}
