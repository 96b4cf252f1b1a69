// SPDX-License-Identifier: ISC
// Boards: connecting, jobs and what they come to, errors.

import { hex } from '../numbers.ts';

const again = 'Write the firmware again. If it fails at the same place, the flash is worn out or write-protected.';

const replug = 'Unplug the board, plug it in again in bootloader mode, and retry.';

export const connect = {
  dfuSe: {
    title: 'This is a DfuSe device',
    cause: "It speaks DfuSe, ST's own protocol, which only looks like DFU 1.1. This page does not speak it.",
    next: 'Use STM32CubeProgrammer, or dfu-util with an address: dfu-util -a 0 -s 0x08000000:leave -D firmware.bin',
  },
  noDfu: {
    title: 'This board is not in bootloader mode',
    cause: 'It has no DFU interface: its firmware is running.',
    next: 'Hold the bootloader button (on a Blue Pill: move the BOOT1 jumper to 1), press reset, then connect.',
  },
};

/** What the connection policy has to say. */
export const remarks = {
  cut: {
    title: 'The cable came out',
    cause: 'The update is not finished. Nothing is lost: the bootloader waits for the rest.',
    next: 'Plug the board in again, and it goes on by itself. If it does not appear, press Connect.',
  },
  'perhaps-same': {
    title: 'Is this the same board?',
    cause: 'An update was cut off, and a board like it is here. It has no serial number, so it may be another one.',
    next: 'If it is the same board, go on with the update.',
  },
  returned: {
    title: 'The board came back to its bootloader',
    cause: 'The firmware is in its flash, but the board did not stay in it.',
    next: 'On a Blue Pill, move the BOOT1 jumper back to 0 and press reset; on other boards, let go of the button.',
  },
  replaced: {
    title: 'The new bootloader is in its place',
    cause: 'The installer has done its work, and the board has no firmware now.',
    next: 'Choose your firmware, and write it.',
  },
  'not-replaced': {
    title: 'The old bootloader is still there',
    cause: 'The installer did not replace it, and has changed nothing.',
    next: 'It says why by its LED: two flashes and a pause, the chip is protected; three, it does not fit: take that of another board; four, the flash takes nothing.',
  },
  switching: {
    title: 'The board changes to bootloader mode',
    cause: 'Its firmware was asked to leave for the bootloader.',
    next: 'If it does not appear by itself within seconds, press Connect and choose it: it may have a new name.',
  },
  'not-switched': {
    title: 'The bootloader did not appear',
    cause:
      'The firmware was asked to leave for it. The board may be there under a name that you have not permitted yet.',
    next: 'Press Connect and choose it. If it is not in the list, use its button or jumper and press reset.',
  },
  'still-application': {
    title: 'The firmware keeps its board',
    cause: 'It was asked for its bootloader and came back as itself.',
    next: 'Hold the bootloader button (Blue Pill: BOOT1 at 1) and press reset.',
  },
};

export const job = {
  gettingReady: 'Getting ready',
  steps: {
    prepare: 'Measuring the room on the board',
    write: 'Writing',
    finish: 'Finishing: the new firmware comes into force',
    read: 'Reading',
    verify: 'Verifying',
    start: 'Starting the firmware',
  },
  tooLong: 'The firmware does not fit',
  written: { title: 'Firmware updated', text: 'The board checked every page, and has started the new firmware.' },
  installerWritten: {
    title: 'The installer runs',
    text: 'Leave the cable in: in a moment the board is back with its new bootloader. If it does not appear here, press Connect: it may have a new name.',
  },
  writtenUnread: {
    title: 'Firmware updated',
    text: 'The board reports success and stays in bootloader mode. It cannot be read, so nothing was verified here.',
  },
  writtenAndCompared: {
    title: 'Firmware updated and verified',
    text: 'Every byte was read back and is as it should be. The board stays in bootloader mode until you start it.',
  },
  writtenAndComparedLeft: {
    title: 'Firmware updated and verified',
    text: 'Every byte was read back and is as it should be. The board has started the new firmware.',
  },
  verified: (count: number, name: string) => ({
    title: 'The board holds this firmware',
    text: `All ${count} bytes on the board are those of ${name}.`,
  }),
  nothingToSave: { title: 'Nothing to back up', text: 'There is no firmware on the board: its flash is empty.' },
  saved: (count: number, all: number) => ({
    title: 'Backup saved',
    text: `${count} bytes were read; the rest of the ${all} bytes is empty flash.`,
  }),
  started: {
    title: 'Firmware started',
    text: 'The board left its bootloader. If it comes back at once, it has no firmware that can run.',
  },
  notStarted: {
    title: 'The board stays in bootloader mode',
    cause:
      'It did not leave: its bootloader button is held, it has no firmware that can run, or it is an older ' +
      'bootloader that leaves only when its board is reset.',
    next: 'Release the button (Blue Pill: BOOT1 back to 0) and press reset. If it is still here, write a firmware.',
  },
};

/** What failed, why, and what to do next. */
export const errors = {
  verbs: {
    prepare: 'get ready',
    write: 'write',
    finish: 'finish the update',
    read: 'read',
    verify: 'read back',
    start: 'start the firmware',
  },
  outOfTurn: (verb: string, state: string, message: string) => ({
    title: 'The board answered out of turn',
    cause: `While it was asked to ${verb}, it was in the state ${state}: ${message}.`,
    next: 'Unplug it, plug it in again in bootloader mode, and try once more.',
  }),
  descriptors: (message: string) => ({
    title: 'The board describes itself wrongly',
    cause: `Its USB descriptors cannot be read: ${message}.`,
    next: 'Try another cable or port. If it stays so, its bootloader is damaged or not made to DFU 1.1.',
  }),
  image: (message: string) => ({
    title: 'This file cannot be used',
    cause: message,
    next: 'Nothing on the board was touched.',
  }),
  cancelled: {
    title: 'Cancelled',
    cause: 'You cancelled before the end.',
    next: 'An unfinished update leaves the board in bootloader mode: write the firmware again when you are ready.',
  },
  unexpected: (message: string) => ({
    title: 'Something unexpected happened',
    cause: `The page itself failed: ${message}.`,
    next: 'Copy the log and report it; then unplug the board, plug it in again and retry.',
  }),
  gone: {
    title: 'The board is gone',
    cause: 'It left the bus: the cable came out, the port lost power, or the board reset itself.',
    next: 'Plug it in again. It is still in its bootloader, or holds the whole old or new firmware.',
  },
  busy: {
    title: 'The board is in use',
    cause: 'Another program or another browser tab has it open.',
    next: 'Close other flashing tools (dfu-util, IDEs) and tabs that use the board, then connect again.',
  },
  busyOnWindows: {
    title: 'Windows does not let the browser at the board',
    cause: 'Either it has no WinUSB driver for it (older bootloaders do not ask for one), or another program uses it.',
    next: 'Close other flashing tools and tabs first. If that does not help, give it the WinUSB driver with Zadig (zadig.akeo.ie), then connect again.',
  },
  timeout: (action: string) => ({
    title: 'The board does not answer',
    cause: `It is on the bus and gave no answer (${action}).`,
    next: 'Unplug it, plug it in again in bootloader mode, and retry. Avoid hubs while you search for the cause.',
  }),
  stall: (action: string) => ({
    title: 'The board refused a request',
    cause: `It stalled (${action}): it does not support this request, or not in its present state.`,
    next: replug,
  }),
  failed: (detail: string) => ({
    title: 'A USB transfer failed',
    cause: `The browser reports: ${detail}.`,
    next: 'Check cable and port (no hub), plug the board in again, and retry.',
  }),
  forbidden: {
    title: 'This page may not use USB here',
    cause: 'It is shown inside another page, or a policy of the browser or of the site keeps USB from it.',
    next: 'Open it in a tab of its own. Who embeds it must write allow="usb; serial" on the iframe.',
  },
  denied: 'The system does not let the browser use this board',
  deniedLinux: {
    cause: 'On Linux a udev rule has to give you access, and there is none for this device yet.',
    next: 'Run these two lines in a terminal, plug the board in again, then connect.',
  },
  deniedWindows: {
    cause: 'Windows has bound another driver than WinUSB to it.',
    next: 'Remove that driver in the Device Manager (with its files), plug the board in again, then connect.',
  },
  deniedElsewhere: (detail: string) => ({
    cause: `The browser reports: ${detail || 'access denied'}.`,
    next: 'Close other programs that use the board, plug it in again, then connect.',
  }),
  verify: {
    title: 'The board holds something else than this file',
    ended: (place: string) => `The board's flash ends at ${place}, before the file does.`,
    differs: (place: string, file: string, board: string) =>
      `The first difference is at ${place}: the file has ${file}, the board ${board}.`,
    place: (offset: number) => `byte ${offset} (${hex(offset, 1)})`,
    next: 'If this file is the one you want on the board, write it.',
  },
  reported: (cause: string, status: string, offset: number | undefined) =>
    `${cause} It reported ${status}${offset === undefined ? '' : ` at byte ${offset}`}.`,
  refused: ['The board refused the firmware', 'It gives no reason that DFU 1.1 knows.', replug] as readonly [
    string,
    string,
    string,
  ],
  /** By bStatus of DFU 1.1: title, cause, next. */
  status: {
    errTARGET: [
      'This firmware cannot run on this board',
      'The bootloader looked at the first block: the firmware is not linked for the place it would get, or is no program.',
      'What is installed is untouched. Link the firmware for this bootloader, or choose the right file.',
    ],
    errFILE: [
      'This firmware is not for this board',
      'The bootloader says that the file is made for another device.',
      'Choose the file for this board.',
    ],
    errWRITE: ['The board cannot write its flash', 'The flash did not take the data.', again],
    errERASE: ['The board cannot erase its flash', 'A page of flash did not become empty.', again],
    errCHECK_ERASED: ['The flash was not empty after erasing', 'A page of flash did not become empty.', again],
    errPROG: ['Programming the flash failed', 'The flash refused to be programmed.', again],
    errVERIFY: [
      'The flash does not hold what was sent',
      'After writing, the bootloader read back something else.',
      'Write the firmware again with a good cable. If it stays so, the chip has less flash than it claims, or is worn out.',
    ],
    errADDRESS: [
      'The firmware does not fit',
      'It is longer than the room that this board has for it.',
      'Make the firmware smaller (optimise for size), then write it. The bootloader waits.',
    ],
    errNOTDONE: [
      'The board expected more data',
      'The firmware ended before the bootloader had all that it needs.',
      'Check that the file is complete, then write it again.',
    ],
    errFIRMWARE: [
      'The firmware on the board is damaged',
      'The bootloader cannot start it.',
      'Write a working firmware: the bootloader itself is well.',
    ],
    errVENDOR: [
      'The board refused the firmware',
      'Its bootloader gives a reason of its own, which only its maker knows.',
      'Look into the documentation of the bootloader, and check that the file is meant for it.',
    ],
    errUSBR: [
      'The update was cut off',
      'The board saw a USB reset in the middle: another program touched it, or the port did.',
      'Close other programs that use USB devices, then write the firmware again.',
    ],
    errPOR: [
      'The update was cut off',
      'The board lost its power in the middle.',
      'Use another cable or port (no hub), then write the firmware again.',
    ],
    errSTALLEDPKT: [
      'The board refused a request',
      'It got a request that it does not know.',
      'Plug the board in again in bootloader mode, and retry.',
    ],
  } as Partial<Record<string, readonly [string, string, string]>>,
};

/** Browsers that cannot. */
export const support = {
  insecure: {
    title: 'This page was not opened securely',
    cause: 'Browsers give USB devices only to pages that come over https, or from this computer itself.',
    next: 'Open the same address with https:// in front.',
  },
  iphone: {
    title: 'This device cannot flash over USB',
    cause: 'No browser on iPhone or iPad has WebUSB.',
    next: 'Open this page in Chrome or Edge on a computer, or in Chrome on an Android phone.',
  },
  noWebUsb: {
    title: 'This browser cannot reach USB devices',
    cause: 'It does not have WebUSB; Firefox and Safari do not offer it.',
    next: 'Open this page in Chrome, Edge or Opera on a computer, or in Chrome on an Android phone. Or use dfu-util.',
  },
};
