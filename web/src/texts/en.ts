// SPDX-License-Identifier: ISC
// Every word that the page says, in English. Longer than other files on purpose: a second language is a second file
// of this shape, and nothing else. Sentences with values in them are functions.

import { bytes, hex, usbId } from './numbers.ts';

interface Ids {
  readonly vendorId: number;
  readonly productId: number;
}
const ANY_ID = 0xffff;
const ids = ({ vendorId, productId }: Ids): string =>
  [vendorId, productId].map((one) => (one === ANY_ID ? 'any' : usbId(one, one).slice(0, 4))).join(':');
const FLASH = 0x0800_0000;
const sameBuild = 'Choose the .bin, .hex or .elf file of the same build.';
const packed = (what: string): string => `This is ${what}. Unpack it, and choose the .bin, .hex or .elf file in it.`;
const again = 'Write the firmware again. If it fails at the same place, the flash is worn out or write-protected.';
const replug = 'Unplug the board, plug it in again in bootloader mode, and retry.';

export const en = {
  language: 'en',

  /** The page itself. */
  ui: {
    title: 'dapboot: update your board',
    description: 'Update the firmware of your board from the browser: connect, choose a file, write.',
    skip: 'Skip to the update',
    foot: 'Files and boards stay on this computer: the page sends nothing anywhere, and works offline.',
    reload: 'A new version of this page is here: load it',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Copying is not allowed here: select the text',
    log: { title: 'Log', copy: 'Copy the log' },
    modes: { label: 'What to do', update: 'Update', install: 'New board', console: 'Console' },
    asleep: {
      title: 'This page needs to be served',
      why:
        'If this text stays, the page was opened straight from a file, or its scripts are blocked. Browsers give USB ' +
        'devices only to pages that come over https or from a server on this computer.',
      next: 'Open the page at its https address. To run it from this folder, start a local server here and open its address:',
    },
    stage: {
      label: 'The board',
      drawing: 'A Blue Pill board: USB socket at the right, BOOT jumpers and reset button at the left',
      leave: 'Put it away',
      reset: 'Press reset',
      boot1: (one: boolean) => `BOOT1 at ${one ? 1 : 0}`,
      button: 'Hold the button',
      unplug: 'Unplug',
      plug: 'Plug in',
      halted: (why: string) => `The chip stands still: ${why}`,
      noPower: 'No power.',
      running: 'Its firmware is running.',
      enterByButton: 'Its firmware is running. For bootloader mode, hold the button and press reset.',
      enterByJumper: 'Its firmware is running. For bootloader mode, move BOOT1 to 1 and press reset.',
      jumperSet: 'Its firmware is running. BOOT1 is at 1: press reset for bootloader mode.',
      onBus: 'In bootloader mode, on USB.',
    },
    start: {
      title: 'Update your board',
      lead: 'Connect it, choose a file, write. Nothing to install, and nothing leaves this computer.',
      connect: 'Connect your board',
      connecting: 'Connecting…',
      plug: 'Plug the board in',
      boot1: 'BOOT1 to 1',
      reset: 'Press reset',
      virtual: 'No board? Try the virtual one',
      virtualDetail: 'The real bootloader on a simulated chip',
      virtualWaits: 'It connects by itself as soon as its bootloader runs.',
      virtualOnly: 'A virtual board can be tried here.',
      permitted: (serial: string) => `in bootloader mode${serial ? `, serial ${serial}` : ''}`,
      application: (name: string) => `Bring ${name} into bootloader mode`,
      applicationDetail: 'Its firmware is running, and will be asked to leave',
      usbDevice: 'USB device',
      help: 'My board is not in the list',
      helpEmpty: 'A board without firmware is in bootloader mode as soon as it has power.',
      helpPill: 'Blue Pill: move the BOOT1 jumper to 1, then press reset.',
      helpOthers: 'Other boards: hold the bootloader button while you plug the board in or press reset.',
      helpCable: 'Some cables only charge and carry no data: try another one.',
      helpSnap: 'Chromium installed as a snap (Ubuntu) sees no USB devices until you allow it:',
      nothingChosen:
        'Nothing was chosen. If your board was not in the list, it is not in bootloader mode, or not connected:',
    },
    device: {
      room: (room: number | undefined) => (room === undefined ? 'connected' : `${bytes(room)} free`),
      serial: (serial: string) => (serial ? `Serial number ${serial}` : 'No serial number'),
      target: 'Alternate setting',
      noName: 'no name',
      close: 'Close',
      forget: 'Forget this board',
      other: (name: string) => `Use ${name} instead`,
      id: 'USB id',
      version: 'Release',
      protocol: 'Protocol',
      block: 'Block size',
      blockBytes: (count: number) => `${count} bytes`,
      begins: 'Firmware begins at',
      from: { announced: 'announced', measured: 'measured', named: 'by its name' },
      can: 'It can',
      receive: 'receive firmware',
      send: 'send it back',
      leave: 'start it by itself',
      nothing: 'nothing that this page needs',
    },
    firmware: {
      title: 'Firmware',
      choose: 'Choose a file, or drop it here',
      formats: '.bin, .hex, .elf, .dfu or .uf2',
      change: 'Change',
      example: 'Use the blinking example',
      details: 'Details',
      fits: 'fits',
      format: 'Format',
      names: { bin: 'Plain binary', hex: 'Intel HEX', elf: 'ELF', dfu: 'DFU file', uf2: 'UF2' },
      size: 'Size',
      linkedFor: 'Linked for',
      notInFile: 'not in the file',
      stack: 'Initial stack',
      reset: 'Reset vector',
      device: 'For device',
    },
    map: {
      label: "What lies where in the board's flash",
      bootloader: 'Bootloader',
      firmware: 'Firmware',
      free: 'Left free',
      room: 'Room for firmware',
      end: 'end of flash',
      orMore: (size: string) => `${size} or more`,
      byChip: 'by the chip',
    },
    update: {
      label: 'Update',
      write: 'Write to the board',
      writeAnyway: 'Write it anyway',
      goOn: 'It is the same board: go on',
      doNotGoOn: 'Do not go on',
      cancel: 'Cancel update',
      another: 'Flash another board',
      more: 'What else the board can do',
      verify: 'Verify',
      save: 'Back up',
      start: 'Start firmware',
      connectFirst: 'Connect a board first.',
      chooseFirst: 'Choose a file first.',
      cannot: 'This file cannot be written to this board.',
      startsItself: 'The new firmware starts by itself.',
      stays: 'The board stays in bootloader mode afterwards.',
      boot1: 'Did you move BOOT1 to 1? Put it back to 0, so that the firmware starts at the next reset, too.',
      percent: (share: number) => `, ${share} percent`,
      of: (done: string, total: string) => `${done} of ${total}`,
      perSecond: (rate: string) => `${rate}/s`,
      left: (time: string) => `${time} left`,
    },
    batch: {
      open: 'Batch',
      title: 'Write every board that comes',
      what: 'Each board in bootloader mode gets the chosen file as soon as it is plugged in, once. Others are left alone.',
      begin: 'Begin',
      end: 'End',
      sound: 'Sound',
      save: 'Save the list',
      waits: 'Plug the first board in.',
      count: (good: number, failed: number) => `${good} written${failed > 0 ? `, ${failed} failed` : ''}`,
      last: (serial: string, result: string) => `${serial || 'No serial number'}: ${result}`,
    },
  },

  /** Files that are no firmware, by what they are. */
  kinds: {
    zip: packed('a ZIP archive'),
    gzip: packed('a gzip archive'),
    bzip2: packed('a bzip2 archive'),
    xz: packed('an xz archive'),
    zstd: packed('a Zstandard archive'),
    sevenZip: packed('a 7-Zip archive'),
    rar: packed('a RAR archive'),
    tar: packed('a tar archive'),
    pdf: 'This is a PDF document. Choose the .bin, .hex or .elf file that belongs to it.',
    picture: 'This is a picture. Choose the .bin, .hex or .elf file that the build of your firmware wrote.',
    windowsProgram: 'This is a program for Windows. Choose the .bin, .hex or .elf file for the board.',
    macProgram: 'This is a program for macOS. Choose the .bin, .hex or .elf file for the board.',
    library: 'This is a library (.a). Choose the linked program: its .bin, .hex or .elf file.',
    webPage: 'This is a web page, not firmware: the download was answered with a page. Download the file itself.',
    json: 'This is a JSON text. Choose the .bin, .hex or .elf file that the build of your firmware wrote.',
    srecord:
      'This is a Motorola S-record file, which this page does not read. Make a plain binary of it: ' +
      'arm-none-eabi-objcopy -I srec -O binary firmware.srec firmware.bin',
    utf16: 'This is a text in UTF-16. If it was an Intel HEX file, save it again as plain ASCII text.',
    text: 'This is a text, not firmware. Choose the .bin, .hex or .elf file that the build of your firmware wrote.',
    blank: 'This file is blank: all of its bytes are equal. Choose the .bin, .hex or .elf file of your firmware.',
    noise: 'This file looks compressed or encrypted: it is no program. ' + sameBuild,
  },

  image: {
    empty: 'The file is empty.',
    tooShort: 'The file is too short to be a program: it has no vector table.',
    dfuSe: `This is a DfuSe file, ST's container with a header of its own. ${sameBuild}`,
    noData: 'The file holds no data for flash.',
    tooWide: (from: number, to: number) =>
      `The file's data lies between ${hex(from)} and ${hex(to)}, further apart than any flash is large. ` +
      'Build it again without the parts that are not for flash (RAM, option bytes, external memory).',
    twoBytes: (at: number) => `The file has two different bytes for the address ${hex(at)}.`,
    tooLarge: (size: number) => `It has ${size} bytes; no firmware for these chips is that large.`,
  },
  hex: {
    line: (line: number, what: string) => `Line ${line} of the HEX file ${what}. Copy or build the file again.`,
    afterEnd: 'comes after the end record',
    unknownType: (type: number) => `has the unknown type ${type}`,
    noEnd: 'The HEX file has no end record: it is cut off. Copy or build it again.',
    noRecord: 'is no HEX record',
    length: 'is longer or shorter than it says',
    checksum: 'has a wrong checksum',
    address: 'has an address of the wrong length',
  },
  elf: {
    otherProcessor:
      'This ELF file is a program for another processor. An STM32F103 needs one for 32-bit Arm (arm-none-eabi).',
    notLinked: 'This ELF file is not linked yet (an object file or library). Choose the linked program.',
    damaged: (how: string) => `The ELF file is damaged: ${how}. Copy or build it again.`,
    header: 'its header is cut off',
    programHeaders: 'its program headers are too short',
    sectionHeaders: 'its section headers are too short',
    end: (at: number) => `it refers to byte ${at} and ends before`,
  },
  dfuFile: {
    noSuffix: `The file is named .dfu and has no DFU suffix: it is cut off, or something else. ${sameBuild}`,
    suffixLength: 'The DFU suffix has an impossible length.',
    checksum: (written: number, actual: number) =>
      `The file is damaged: its checksum should be ${hex(written)} and is ${hex(actual)}. Copy or download it again.`,
    specification: (value: number) =>
      `The file follows another specification (${hex(value, 4)}) than DFU 1.1. ${sameBuild}`,
  },
  uf2: {
    cutOff: 'The UF2 file is cut off: its length is no multiple of 512 bytes. Copy it again.',
    damaged: (block: number) => `Block ${block} of the UF2 file is damaged. Copy or build the file again.`,
    tooMuch: (block: number, length: number) =>
      `Block ${block} of the UF2 file claims ${length} bytes, more than a block holds.`,
    otherFamily: (families: readonly number[], ours: number) =>
      `The UF2 file is for another family of chips (${families.map((one) => hex(one)).join(', ') || 'none named'}). ` +
      `An STM32F103 needs one built for the STM32F1 family, ${hex(ours)}.`,
    missing: (found: number, announced: number) =>
      `The UF2 file has ${found} of its ${announced} blocks. Copy or build it again.`,
  },

  /** Whether an image fits a device. */
  verdict: {
    good: 'This firmware fits the connected board.',
    noDownload: 'This device does not accept firmware: it says so itself.',
    noDownloadNext: 'Choose another device.',
    otherDevice: (file: Ids, device: Ids) =>
      `The file is for the device ${ids(file)}, and ${ids(device)} is connected.`,
    otherDeviceNext: 'Choose the file for this device, or connect the device that the file is for.',
    noStack: (value: number) =>
      `This is no program for an STM32F103: its first word, the initial stack, is ${hex(value)}, which is not in RAM.`,
    noReset: (value: number, inFlash: boolean) =>
      `This is no program for an STM32F103: its second word, the reset vector, is ${hex(value)}, which is ` +
      (inFlash ? 'not a Thumb address (it must be odd).' : 'not in flash.'),
    noProgramNext: 'Choose the .bin, .hex or .elf file that the build of your firmware wrote.',
    misplaced: (found: number, base: number) =>
      `The firmware is linked for ${hex(found)}; ` +
      (base > FLASH
        ? `this bootloader keeps the first ${bytes(base - FLASH)} of flash for itself, and firmware begins at ${hex(base)}.`
        : `this bootloader lies at the end of flash, and firmware begins at ${hex(base)}.`),
    oddVectors: (length: number, base: number) =>
      `The vectors of the firmware do not fit its ${length} bytes at any address; here it would begin at ${hex(base)}.`,
    relink: (base: number) =>
      `Set the start of FLASH in your linker script to ${hex(base)}` +
      (base > FLASH ? ` and the vector table offset (VECT_TAB_OFFSET) to ${hex(base - FLASH, 4)}` : '') +
      ', then build again.',
    resetOutside: (base: number, reset: number) =>
      `The file's data starts at ${hex(base)} and its reset vector ${hex(reset)} points outside of it.`,
    resetOutsideNext: (base: number) => `Link vector table and code together at ${hex(base)}.`,
    merged: (base: number) =>
      `This file holds more than the application: something lies in front of it, probably a bootloader. The application begins at ${hex(base)}.`,
    mergedNext: 'The board has its bootloader already: write the application alone.',
    usePart: "Use the application's part",
    tooLong: (length: number, room: number) => `The firmware has ${length} bytes, and this board has room for ${room}.`,
    tooLongNext: 'Make it smaller (optimise for size, leave parts out), or use a chip with more flash.',
    unknown: (place: number | undefined) =>
      'This bootloader is not known here, so nobody can say whether the firmware, linked for ' +
      `${place === undefined ? 'an unknown address' : hex(place)}, fits it.`,
    unknownNext: "Compare the address with the bootloader's documentation before you write.",
    titles: {
      good: 'It fits',
      doubtful: 'Nobody here can tell whether it fits',
      refused: 'This firmware cannot run on the board',
      alone: 'This is no firmware for these boards',
    },
  },

  connect: {
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
  },

  /** What the connection policy has to say. */
  remarks: {
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
  },

  job: {
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
  },

  /** What failed, why, and what to do next. */
  errors: {
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
      cause:
        'Either it has no WinUSB driver for it (older bootloaders do not ask for one), or another program uses it.',
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
  },

  /** The serial console. */
  console: {
    title: 'Console',
    connect: 'Connect a serial port',
    close: 'Close the port',
    missing: 'This browser has no Web Serial. Use Chrome or Edge on a computer.',
    gone: 'The port is gone: the cable came out, or the board restarted. Connect it again.',
    received: 'What the board says',
    line: 'Send a line',
    send: 'Send',
    baud: 'Baud',
    end: 'Line end',
    ends: { lf: 'LF', cr: 'CR', crlf: 'CR LF', none: 'none' },
    stamps: 'Time of each line',
    save: 'Save',
    clear: 'Clear',
  },

  /** Installing a bootloader on a new board. */
  install: {
    title: 'A bootloader for a new board',
    lead: 'Once for each board, with an adapter. After that, its USB socket is all it needs.',
    board: 'Which board?',
    layout: 'Layout',
    layouts: {
      standard: 'Standard: the bootloader comes first, firmware begins at 0x08002000',
      high: 'High memory: firmware begins at 0x08000000, the bootloader is at the end',
    },
    variant: (kib: string) => (kib ? `High memory for ${kib} KiB of flash` : 'High memory for 64 KiB of flash'),
    way: 'What do you have?',
    ways: { serial: 'USB-serial adapter', stlink: 'ST-Link V2' },
    wayDetails: { serial: '3.3 V, such as CP2102, CH340, FT232', stlink: 'V2, V2-1 or a clone' },
    wiring: 'How to connect it',
    wires: { ground: 'Ground', power: '3.3 V' },
    adapter: { serial: 'Adapter', stlink: 'ST-Link' },
    steps: {
      serial: [
        'Connect the wires as drawn, without the USB cable of the board.',
        'BOOT0 to 1, BOOT1 to 0, then press reset.',
      ],
      stlink: ['Connect the wires as drawn, without the USB cable of the board.', 'BOOT0 and BOOT1 to 0.'],
    },
    connect: { serial: 'Connect the adapter', stlink: 'Connect the ST-Link' },
    connecting: 'Looking at the chip…',
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
      stlink: 'It was read back, and runs. Take the ST-Link off, and connect the board by its USB socket.',
    },
    next: 'Now write firmware to it',
    again: 'Another new board',
    retry: 'Try again',
    noImage: 'The image of this bootloader cannot be loaded. Check the connection, and try again.',
    damaged: 'The image of this bootloader is damaged: its checksum differs. Load the page anew.',
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
  },

  /** <dapboot-install>, on a vendor's page. */
  element: {
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
  },

  /** Browsers that cannot. */
  support: {
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
  },
};
