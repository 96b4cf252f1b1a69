// SPDX-License-Identifier: ISC
// The picture of the flash: who lies where, in one strip on the mat and one beside the file, and in words beneath that.
// A write fills the image's part.

import type { State } from '../app/state.ts';
import { flashMap } from '../image/map.ts';
import type { FlashMap, Region } from '../image/map.ts';
import { texts } from '../texts/index.ts';
import { hex } from '../texts/numbers.ts';
import { byId, element } from './dom.ts';

const words = texts.ui.map;
const { bytes } = texts.numbers;

interface Row {
  readonly kind: 'boot' | 'image' | 'free';
  readonly name: string;
  readonly where: string;
  readonly size: string;
}

export class MapView {
  private drawn_ = '';
  private readonly strips_ = [...document.querySelectorAll<HTMLElement>('.map-strip')];

  render(state: State): void {
    const map = flashMap(state.known?.placement, state.image);
    const kind =
      state.verdict?.kind === 'refused' || state.verdict?.kind === 'doubtful' ? `is-${state.verdict.kind}` : '';
    const signature = JSON.stringify([map, kind]);
    if (signature !== this.drawn_) {
      this.drawn_ = signature;
      for (const one of [byId('map'), ...this.strips_]) one.hidden = map === undefined;
      if (map) this.draw(map, kind);
    }
    for (const strip of this.strips_) strip.style.setProperty('--share', String(this.written(state)));
  }

  /** The part of the image that is known to be in flash. */
  private written(state: State): number {
    const { job, outcome, image } = state;
    if (job?.kind === 'write' && job.total && image && job.total === image.data.length) return job.done / job.total;
    return outcome?.kind === 'done' && outcome.inFlash ? 1 : 0;
  }

  private draw(map: FlashMap, verdict: string): void {
    for (const strip of this.strips_) {
      const [bootloader, image] = strip.children as unknown as HTMLElement[];
      place(bootloader!, map, map.bootloader);
      place(image!, map, map.image);
      image!.className = `map-part map-image ${verdict}`;
      strip.classList.toggle('is-open', map.open);
    }
    byId('map-legend').replaceChildren(
      ...rows(map, verdict === 'is-refused').map((one) =>
        element(
          'li',
          `map-row ${one.kind === 'image' ? verdict : ''}`,
          element('span', `map-key map-key-${one.kind}`),
          element('span', 'map-name', one.name),
          element('span', 'map-where', one.where),
          element('span', 'map-size', one.size),
        ),
      ),
    );
  }
}

function place(part: HTMLElement, map: FlashMap, region: Region | undefined): void {
  part.hidden = region === undefined;
  if (!region) return;
  const whole = map.to - map.from;
  part.style.setProperty('--from', String((region.from - map.from) / whole));
  part.style.setProperty('--length', String((region.to - region.from) / whole));
}

/** In the order of their addresses. */
function rows(map: FlashMap, refused: boolean): Row[] {
  const { bootloader, image, room } = map;
  const taker = refused ? undefined : image;
  const found: (Row & { readonly at: number })[] = [];
  if (bootloader) {
    const atEnd = bootloader.from > map.from && map.open;
    found.push({
      at: bootloader.from,
      kind: 'boot',
      name: words.bootloader,
      where: atEnd ? words.end : hex(bootloader.from),
      size: atEnd ? '' : bytes(bootloader.to - bootloader.from),
    });
  }
  if (image) {
    const size = bytes(image.to - image.from);
    found.push({ at: image.from + 0.5, kind: 'image', name: words.firmware, where: hex(image.from), size });
  }
  const start = taker ? Math.min(Math.max(taker.to, room.from), room.to) : room.from;
  const free = bytes(room.to - start);
  if (bootloader && (map.open || start < room.to)) {
    const size = map.open ? (start < room.to ? words.orMore(free) : words.byChip) : free;
    found.push({ at: start, kind: 'free', name: taker ? words.free : words.room, where: hex(start), size });
  }
  return found.sort((a, b) => a.at - b.at);
}
