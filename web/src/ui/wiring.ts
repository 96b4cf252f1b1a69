// SPDX-License-Identifier: ISC
// Small pictures of boards, and the drawing of the wires between adapter and board.

import type { BoardKind } from '../install/chips.ts';
import type { Way } from '../install/explain-way.ts';
import { texts } from '../texts/index.ts';
import { svgElement } from './dom.ts';

const words = texts.install;

/** A board of this colour, as small as a thumbnail. */
export function boardPicture(board: BoardKind): SVGElement {
  const pins = Array.from({ length: 9 }, (_, i) => [
    svgElement('circle', { cx: 10 + i * 7, cy: 7, r: 1.8, class: 'mini-pad' }),
    svgElement('circle', { cx: 10 + i * 7, cy: 29, r: 1.8, class: 'mini-pad' }),
  ]).flat();
  return svgElement(
    'svg',
    { viewBox: '0 0 80 36', class: 'mini', 'aria-hidden': 'true' },
    svgElement('rect', { x: 2, y: 2, width: 72, height: 32, rx: 4, fill: board.colour }),
    ...pins,
    svgElement('rect', {
      x: 30,
      y: 10,
      width: 16,
      height: 16,
      rx: 1.5,
      class: 'mini-chip',
      transform: 'rotate(45 38 18)',
    }),
    svgElement('rect', { x: 66, y: 12, width: 12, height: 12, rx: 1.5, class: 'mini-usb' }),
  );
}

interface Wire {
  readonly from: string;
  readonly to: string;
  readonly colour: string;
}

/** The wires in words, in the order in which they are drawn. */
export function wiresFor(board: BoardKind, way: Way): readonly Wire[] {
  const rest = [
    { from: 'GND', to: 'G', colour: '#9fb0c8' },
    { from: '3.3 V', to: '3.3', colour: '#ff6b5e' },
  ];
  return way === 'serial'
    ? [{ from: 'RX', to: board.tx, colour: '#ffd54a' }, { from: 'TX', to: board.rx, colour: '#6fd38f' }, ...rest]
    : [
        { from: 'SWDIO', to: board.swdio, colour: '#ffd54a' },
        { from: 'SWCLK', to: board.swclk, colour: '#6fd38f' },
        ...rest,
      ];
}

export function wiringPicture(board: BoardKind, way: Way): SVGElement {
  const wires = wiresFor(board, way);
  const rows = wires.flatMap(({ from, to, colour }, i) => {
    const y = 64 + i * 34;
    return [
      svgElement('path', { d: `M168 ${y} C 230 ${y}, 270 ${y + 6}, 336 ${y}`, stroke: colour, class: 'wire' }),
      svgElement('circle', { cx: 168, cy: y, r: 6, fill: colour }),
      svgElement('circle', { cx: 336, cy: y, r: 6, fill: colour }),
      label(154, y + 5, 'end', from),
      label(350, y + 5, 'start', to),
    ];
  });
  const said = wires.map((one) => `${one.from} – ${one.to}`).join(', ');
  return svgElement(
    'svg',
    {
      viewBox: '0 0 520 242',
      class: 'wires',
      role: 'img',
      'aria-label': `${words.adapter[way]}, ${board.name}: ${said}`,
    },
    svgElement('rect', { x: 20, y: 22, width: 148, height: 198, rx: 12, class: 'wires-adapter' }),
    svgElement('rect', { x: 336, y: 22, width: 164, height: 198, rx: 12, fill: board.colour, class: 'wires-board' }),
    label(94, 44, 'middle', words.adapter[way]),
    label(418, 44, 'middle', board.name),
    svgElement(
      'text',
      { x: 418, y: 208, 'text-anchor': 'middle', class: 'jumpers' },
      document.createTextNode(words.jumpers[way]),
    ),
    ...rows,
  );
}

function label(x: number, y: number, anchor: string, text: string): SVGElement {
  return svgElement('text', { x, y, 'text-anchor': anchor }, document.createTextNode(text));
}
