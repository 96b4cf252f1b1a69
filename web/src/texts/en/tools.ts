// SPDX-License-Identifier: ISC
// The console, new boards, and the element for a vendor's own page.

import { hex } from '../numbers.ts';

/** The serial console. */
export const console = {
  title: 'Console',
  connect: 'Connect a serial port',
  close: 'Close the port',
  missing: 'This browser has no Web Serial. Use Chrome or Edge on a computer.',
  gone: 'The port is gone: the cable came out, or the board restarted. Connect it again.',
  received: 'What the board says',
  empty: 'What your firmware says over USB appears here.',
  line: 'Send a line',
  send: 'Send',
  baud: 'Baud',
  end: 'Line end',
  ends: { lf: 'LF', cr: 'CR', crlf: 'CR LF', none: 'none' },
  stamps: 'Time of each line',
  save: 'Save',
  clear: 'Clear',
};

/** Installing a bootloader on a new board. */
export const install = {
  boardNames: { stlink: 'ST-Link clone', stm32f103: 'Another STM32F103' },
  title: 'A bootloader for a new board',
  lead: 'Once for each board, with an adapter. After that, its USB socket is all it needs.',
  board: 'Which board?',
  layout: 'Layout',
  standard: 'Standard: firmware begins at 0x08002000',
  variant: (kib: string) => (kib ? `High memory for ${kib} KiB of flash` : 'High memory for 64 KiB of flash'),
  way: 'What do you have?',
  ways: { serial: 'USB-serial adapter', stlink: 'ST-Link V2' },
  wayDetails: { serial: '3.3 V, such as CP2102, CH340, FT232', stlink: 'V2, V2-1 or a clone' },
  adapter: { serial: 'Adapter', stlink: 'ST-Link' },
  jumpers: { serial: 'BOOT0 1 · BOOT1 0', stlink: 'BOOT0 0 · BOOT1 0' },
  steps: {
    serial: ['Connect the wires as drawn, but no USB cable to the board.', 'BOOT0 to 1, BOOT1 to 0, then press reset.'],
    stlink: ['Connect the wires as drawn, but no USB cable to the board.', 'BOOT0 and BOOT1 to 0.'],
  },
  connect: { serial: 'Connect the adapter', stlink: 'Connect the ST-Link' },
  connecting: 'Looking at the chip…',
  allowed: (name: string, id: string) => ({ name: id ? `${name} ${id}` : name, detail: 'Allowed before' }),
  virtual: {
    serial: { name: 'No adapter? Try a virtual one', detail: 'At a simulated chip, which is as blank as a new one' },
    stlink: { name: 'No ST-Link? Try a virtual one', detail: 'At a simulated chip, which is as blank as a new one' },
  },
  nothingChosen: {
    serial:
      'Nothing was chosen. If your adapter was not in the list: try another cable. On Windows, and for some chips on macOS, ' +
      'it needs a driver (CP210x, CH340); on Linux, the group dialout.',
    stlink:
      'Nothing was chosen. If your ST-Link was not in the list: try another cable or port. On Windows it needs the driver ' +
      'STSW-LINK009 from ST.',
  },
  missing: {
    serial: 'This browser has no Web Serial. Use Chrome or Edge on a computer.',
    stlink: 'This browser has no WebUSB. Use Chrome or Edge on a computer.',
  },
  found: 'The chip answers',
  chip: 'Chip',
  chipId: (name: string, id: number) => `${name} (0x${id.toString(16)})`,
  flash: 'Flash',
  flashKib: (kib: number | undefined) => (kib === undefined ? 'not readable' : `${kib} KiB`),
  protection: 'Protection',
  open: 'none',
  closed: 'read-protected',
  write: 'Install the bootloader',
  erases: 'Erase everything and install',
  warning: {
    title: 'This chip is read-protected',
    text: 'Installing takes the protection off, and that erases everything on the chip: its firmware is lost and cannot be read out before.',
  },
  progress: {
    unprotect: 'Taking the protection off, which erases everything',
    erase: 'Erasing',
    write: 'Writing the bootloader',
    verify: 'Reading it back',
    start: 'Starting it',
  },
  done: 'The bootloader is installed',
  doneText: {
    serial:
      'It was read back, and runs. Move BOOT0 back to 0, take the adapter off, and connect the board by its USB socket.',
    virtual: 'It was read back, and runs on the virtual board.',
    stlink: 'It was read back, and runs. Take the ST-Link off, and connect the board by its USB socket.',
  },
  next: 'Now write firmware to it',
  again: 'Another new board',
  retry: 'Try again',
  noImage: 'The image cannot be loaded. Check the connection, and try again.',
  damaged: 'The image is damaged: its checksum differs. Load the page anew.',
  faults: (() => {
    const same = {
      gone: {
        title: 'The adapter is gone',
        cause: () => 'Its cable came out in the middle.',
        next: 'Plug it in again, press reset on the board, and try again: an unfinished installation is simply done anew.',
      },
      busy: {
        title: 'The adapter is in use',
        cause: () => 'Another program or another tab has it open.',
        next: 'Close other programs and tabs that use it (serial monitors, IDEs, OpenOCD), then try again.',
      },
      denied: {
        title: 'The system does not let the browser use the adapter',
        cause: (detail: string) => `The browser reports: ${detail}.`,
        next: 'On Linux, serial ports need membership in the group dialout, and probes a udev rule. Then plug it in again.',
      },
      refused: {
        title: 'The chip refused',
        cause: (detail: string) => `It answered no (${detail}). Its flash may be write-protected, or damaged.`,
        next: 'Press reset on the board and try again. If it stays so, take the protection off with a programmer.',
      },
      failed: {
        title: 'The adapter failed',
        cause: (detail: string) => `The browser reports: ${detail}.`,
        next: 'Unplug the adapter, plug it in again, press reset on the board, and try again.',
      },
    };
    const serial = {
      ...same,
      silent: {
        title: 'The chip does not answer',
        cause: () =>
          'The adapter is there, and nothing came back: the loader of the chip is not running, or a wire is missing.',
        next: 'Check that BOOT0 is at 1, BOOT1 at 0, and press reset. Check that TX of the adapter goes to RX (PA10), RX to TX (PA9), and ground to ground.',
      },
      echo: {
        title: 'The adapter hears itself',
        cause: () => 'What was sent came back: TX and RX of the adapter touch each other, or it is set to echo.',
        next: 'Take the bridge between TX and RX away: TX goes to PA10 and RX to PA9 of the board.',
      },
      noise: {
        title: 'The answers are noise',
        cause: (detail: string) => `Something comes back, and is no answer (${detail}).`,
        next: 'Check that GND of adapter and board are connected and that the adapter is a 3.3 V one, keep the wires short, press reset, and try again.',
      },
    };
    const probe = {
      ...same,
      silent: {
        title: 'The chip does not come to an end',
        cause: (detail: string) => `It stays busy (${detail}).`,
        next: 'Check the power of the board, press reset, and try again.',
      },
      'no-chip': {
        title: 'The ST-Link sees no chip',
        cause: (detail: string) => `Nobody answers at its wires (${detail}).`,
        next: 'Check SWDIO, SWCLK, ground and 3.3 V. If the firmware on the board switches the debug pins off, connect RST of the ST-Link to R of the board, too.',
      },
      'old-probe': {
        title: "The ST-Link's own firmware is too old",
        cause: (detail: string) => `It is ${detail}; writing the flash of this chip needs J26 or later.`,
        next: "Update it with ST's program ST-LinkUpgrade, or use a USB-serial adapter.",
      },
    };
    return {
      serial: { ...serial, 'no-chip': serial.silent, 'old-probe': same.failed },
      stlink: { ...probe, echo: same.failed, noise: same.failed },
      wrongChip: (id: number) => ({
        title: 'This is another chip',
        cause: `Its id is 0x${id.toString(16)}, which is no STM32F103. Nothing was written.`,
        next: 'These bootloaders are for the STM32F103. Clones that answer otherwise need their own programmer.',
      }),
      tooSmall: (needed: number, kib: number) => ({
        title: 'The chip is too small for this bootloader',
        cause: `It has ${kib} KiB of flash, and this layout reaches to ${needed} KiB. Nothing was written.`,
        next: 'Choose another layout.',
      }),
      differs: (address: number) => ({
        title: 'The flash does not hold what was written',
        cause: `At ${hex(address)} it reads back differently.`,
        next: 'Try again. If it stays so, the flash is worn out.',
      }),
    };
  })(),
};

/** <dapboot-install>, on a vendor's page. */
export const element = {
  open: 'Update firmware',
  label: 'Firmware update',
  close: 'Close',
  title: (name: string) => `Update ${name}`,
  install: (version: string) => `Install ${version}`,
  failed: 'The update cannot begin',
  done: (version: string) => `Version ${version} is on the board. You can unplug it now.`,
  how: 'Plug the board in with a USB cable that carries data, then connect it.',
  versions: (installed: string | undefined, newest: string, newer: boolean | undefined) =>
    installed === undefined
      ? `Newest: ${newest}`
      : newer === false
        ? `Installed: ${installed}, newest: ${newest}. The board is up to date.`
        : `Installed: ${installed}, newest: ${newest}`,
  noFile: (base: number | undefined) =>
    `The maker offers no file for this bootloader${base === undefined ? '' : `, which begins firmware at ${hex(base)}`}.`,
  manifest: {
    missing: 'The page names no manifest: <dapboot-install manifest="…">.',
    unreachable: (url: string) => `${url} cannot be loaded. Check the connection, and try again.`,
    noJson: (url: string) => `${url} is no JSON text.`,
    field: (field: string) => `The manifest is not usable: the field ${field} is missing or wrong.`,
    tooLarge: (url: string, size: number) => `${url} has ${size} bytes; no firmware for these chips is that large.`,
    checksum: (url: string) =>
      `${url} is not the file that its maker published: its SHA-256 differs. Nothing was written.`,
  },
};
