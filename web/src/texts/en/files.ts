// SPDX-License-Identifier: ISC
// Files: what they are instead of firmware, what is wrong with them, and whether they fit a board.

import { hex, usbId } from '../numbers.ts';
import { bytes } from './numbers.ts';

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

/** Files that are no firmware, by what they are. */
export const kinds = {
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
};

export const image = {
  empty: 'The file is empty.',
  tooShort: 'The file is too short to be a program: it has no vector table.',
  dfuSe: `This is a DfuSe file, ST's container with a header of its own. ${sameBuild}`,
  noData: 'The file holds no data for flash.',
  tooWide: (from: number, to: number) =>
    `The file's data lies between ${hex(from)} and ${hex(to)}, further apart than any flash is large. ` +
    'Build it again without the parts that are not for flash (RAM, option bytes, external memory).',
  twoBytes: (at: number) => `The file has two different bytes for the address ${hex(at)}.`,
  tooLarge: (size: number) => `It has ${size} bytes; no firmware for these chips is that large.`,
};

export const intelHex = {
  line: (line: number, what: string) => `Line ${line} of the HEX file ${what}. Copy or build the file again.`,
  afterEnd: 'comes after the end record',
  unknownType: (type: number) => `has the unknown type ${type}`,
  noEnd: 'The HEX file has no end record: it is cut off. Copy or build it again.',
  noRecord: 'is no HEX record',
  length: 'is longer or shorter than it says',
  checksum: 'has a wrong checksum',
  address: 'has an address of the wrong length',
};

export const elf = {
  otherProcessor:
    'This ELF file is a program for another processor. An STM32F103 needs one for 32-bit Arm (arm-none-eabi).',
  notLinked: 'This ELF file is not linked yet (an object file or library). Choose the linked program.',
  damaged: (how: string) => `The ELF file is damaged: ${how}. Copy or build it again.`,
  header: 'its header is cut off',
  programHeaders: 'its program headers are too short',
  sectionHeaders: 'its section headers are too short',
  end: (at: number) => `it refers to byte ${at} and ends before`,
};

export const dfuFile = {
  noSuffix: `The file is named .dfu and has no DFU suffix: it is cut off, or something else. ${sameBuild}`,
  suffixLength: 'The DFU suffix has an impossible length.',
  checksum: (written: number, actual: number) =>
    `The file is damaged: its checksum should be ${hex(written)} and is ${hex(actual)}. Copy or download it again.`,
  specification: (value: number) =>
    `The file follows another specification (${hex(value, 4)}) than DFU 1.1. ${sameBuild}`,
};

export const uf2 = {
  cutOff: 'The UF2 file is cut off: its length is no multiple of 512 bytes. Copy it again.',
  damaged: (block: number) => `Block ${block} of the UF2 file is damaged. Copy or build the file again.`,
  tooMuch: (block: number, length: number) =>
    `Block ${block} of the UF2 file claims ${length} bytes, more than a block holds.`,
  otherFamily: (families: readonly number[], ours: number) =>
    `The UF2 file is for another family of chips (${families.map((one) => hex(one)).join(', ') || 'none named'}). ` +
    `An STM32F103 needs one built for the STM32F1 family, ${hex(ours)}.`,
  missing: (found: number, announced: number) =>
    `The UF2 file has ${found} of its ${announced} blocks. Copy or build it again.`,
};

/** Whether an image fits a device. */
export const verdict = {
  good: 'This firmware fits the connected board.',
  noDownload: 'This device does not accept firmware: it says so itself.',
  noDownloadNext: 'Choose another device.',
  otherDevice: (file: Ids, device: Ids) => `The file is for the device ${ids(file)}, and ${ids(device)} is connected.`,
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
};
