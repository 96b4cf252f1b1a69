// SPDX-License-Identifier: ISC
// Chips by their device id (RM0008 section 31.6.1), and the boards that there is a bootloader for.

import { FLASH_BASE } from '../image/chip.ts';
import type { Segment } from '../image/segments.ts';
import { texts } from '../texts/index.ts';

export interface ChipKind {
  readonly name: string;
  readonly pageSize: number;
}

const chips: Readonly<Record<number, ChipKind>> = {
  0x412: { name: 'STM32F103x4/x6', pageSize: 1024 },
  0x410: { name: 'STM32F103x8/xB', pageSize: 1024 },
  0x414: { name: 'STM32F103xC/xD/xE', pageSize: 2048 },
  0x430: { name: 'STM32F103xF/xG', pageSize: 2048 },
};

/** Undefined for everything but an STM32F103. */
export function chipKind(id: number): ChipKind | undefined {
  return chips[id];
}

/**
 * A board, and what its pins are called on it. Maple Mini: the pin table of libmaple; Olimex: the 20 pins of ARM's connector;
 * SKR mini E3 V2: the pin file of Marlin, where the loader's USART1 is on the display's connector, and not on "TFT".
 */
export interface BoardKind {
  readonly id: string;
  readonly name: string;
  readonly tx: string;
  readonly rx: string;
  readonly swdio: string;
  readonly swclk: string;
  /** Colour of the board, for its picture. */
  readonly colour: string;
}

const usual = { tx: 'A9', rx: 'A10', swdio: 'DIO', swclk: 'CLK' } as const;

export const boardKinds: readonly BoardKind[] = [
  { id: 'bluepill', name: 'Blue Pill', ...usual, colour: '#2b68bd' },
  { id: 'bluepillplusstm32', name: 'Blue Pill Plus (STM32)', ...usual, colour: '#23272e' },
  { id: 'bluepillplusgd32', name: 'Blue Pill Plus (GD32)', ...usual, colour: '#23272e' },
  {
    id: 'maplemini',
    name: 'Maple Mini',
    tx: '26 (A9)',
    rx: '25 (A10)',
    swdio: '22 (A13)',
    swclk: '21 (A14)',
    colour: '#a33a30',
  },
  {
    id: 'olimexstm32h103',
    name: 'Olimex STM32-H103',
    tx: 'PA9',
    rx: 'PA10',
    swdio: 'JTAG 7',
    swclk: 'JTAG 9',
    colour: '#7a2130',
  },
  {
    id: 'bttskrminie3v2',
    name: 'BTT SKR mini E3 V2',
    tx: 'EXP1 3',
    rx: 'EXP1 5',
    swdio: 'SWDIO',
    swclk: 'SWCLK',
    colour: '#23272e',
  },
  {
    id: 'stlink',
    name: texts.install.boardNames.stlink,
    tx: 'PA9',
    rx: 'PA10',
    swdio: 'DIO',
    swclk: 'CLK',
    colour: '#3f7d4e',
  },
  {
    id: 'stm32f103',
    name: texts.install.boardNames.stm32f103,
    tx: 'PA9',
    rx: 'PA10',
    swdio: 'PA13',
    swclk: 'PA14',
    colour: '#5b6470',
  },
];

/** A page of flash with its whole content. */
export interface Page {
  readonly number: number;
  readonly address: number;
  readonly data: Uint8Array;
}

/** The pages that an image touches; what it leaves open in them is erased flash. */
export function pagesOf(segments: readonly Segment[], pageSize: number): Page[] {
  const pages = new Map<number, Uint8Array>();
  for (const { address, data } of segments) {
    data.forEach((byte, i) => {
      const offset = address + i - FLASH_BASE;
      const number = Math.floor(offset / pageSize);
      const page = pages.get(number) ?? new Uint8Array(pageSize).fill(0xff);
      page[offset % pageSize] = byte;
      pages.set(number, page);
    });
  }
  return [...pages]
    .sort(([a], [b]) => a - b)
    .map(([number, data]) => ({ number, address: FLASH_BASE + number * pageSize, data }));
}
