// SPDX-License-Identifier: ISC

/** `<dapboot-install manifest="…" label="…">`; importing the package defines it. */
export declare class DapbootInstall extends HTMLElement {
  addEventListener<Name extends keyof DapbootInstallEvents>(
    type: Name,
    listener: (this: DapbootInstall, event: DapbootInstallEvents[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

export interface DapbootInstallEvents extends HTMLElementEventMap {
  /** The firmware is on the board. */
  'dapboot-installed': CustomEvent<{ readonly version: string }>;
  /** It was tried, and is not. */
  'dapboot-failed': CustomEvent<{ readonly version: string }>;
  /** A line of the log. */
  'dapboot-log': CustomEvent<string>;
}

declare global {
  interface HTMLElementTagNameMap {
    'dapboot-install': DapbootInstall;
  }
}
