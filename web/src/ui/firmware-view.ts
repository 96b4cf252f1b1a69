// SPDX-License-Identifier: ISC
// Card 2: the drop zone, what the chosen file is, and whether it fits.

import type { State } from '../app/state.ts';
import { placeOf } from '../image/check.ts';
import { FILE_LIMIT } from '../image/image.ts';
import { byId, element, setText, showFacts } from './dom.ts';
import { address, bytes, usbId } from './format.ts';

const formats = {
  bin: 'Plain binary',
  hex: 'Intel HEX',
  elf: 'ELF',
  dfu: 'DFU file',
  uf2: 'UF2',
} as const;

export class FirmwareView {
  private verdict_ = '';

  constructor(choose: (name: string, content: Uint8Array) => void, tooLarge: (name: string, size: number) => void) {
    const take = async (file: File | undefined): Promise<void> => {
      if (!file) return;
      if (file.size > FILE_LIMIT) tooLarge(file.name, file.size);
      else choose(file.name, new Uint8Array(await file.arrayBuffer()));
    };
    const input = byId<HTMLInputElement>('file');
    input.addEventListener('change', () => {
      void take(input.files?.[0]);
      input.value = ''; // the same file, built anew, is a change too
    });
    this.acceptDrops((file) => void take(file));
  }

  render(state: State): void {
    const { image } = state;
    byId('image').hidden = image === undefined;
    byId('drop').classList.toggle('is-small', image !== undefined);
    byId<HTMLInputElement>('file').disabled = state.job !== undefined;
    setText(byId('drop-call'), image ? image.name : 'Choose a file, or drop it here');
    setText(
      byId('drop-hint'),
      image ? 'Choose or drop another file' : '.bin, .hex, .elf, .dfu or .uf2; it does not leave this computer',
    );
    if (image) {
      showFacts(byId('image-facts'), [
        ['Format', formats[image.format]],
        ['Size', bytes(image.data.length)],
        ['Linked for', linkedFor(state)],
        ['Initial stack', address(image.vectors.initialStack)],
        ['Reset vector', address(image.vectors.reset)],
        ...(image.suffix ? [['For device', usbId(image.suffix.vendorId, image.suffix.productId)] as const] : []),
      ]);
    }
    this.renderVerdict(state);
  }

  private renderVerdict(state: State): void {
    const problem = state.imageProblem;
    const verdict = problem ? { kind: 'refused' as const, text: problem.cause, next: problem.next } : state.verdict;
    const signature = JSON.stringify(verdict ?? null);
    if (signature === this.verdict_) return;
    this.verdict_ = signature;
    const box = byId('verdict');
    box.className = `verdict ${verdict?.kind ?? ''}`;
    if (!verdict) {
      box.replaceChildren();
      return;
    }
    const title = problem ? problem.title : titles[verdict.kind];
    const lines = [element('p', 'says-title', title), element('p', '', verdict.text)];
    if (verdict.kind === 'good') lines.splice(0, 2, element('p', '', verdict.text));
    else lines.push(element('p', '', verdict.next));
    box.replaceChildren(...lines);
  }

  /** Anywhere on the page: a file that misses the zone would otherwise replace the page. */
  private acceptDrops(take: (file: File | undefined) => void): void {
    const zone = byId('drop');
    const over = (on: boolean) => (event: DragEvent): void => {
      event.preventDefault();
      zone.classList.toggle('is-over', on);
    };
    document.addEventListener('dragover', over(true));
    document.addEventListener('dragleave', over(false));
    document.addEventListener('drop', (event) => {
      over(false)(event);
      if (!byId<HTMLInputElement>('file').disabled) take(event.dataTransfer?.files[0]);
    });
  }
}

function linkedFor({ image, known }: State): string {
  const place = image && placeOf(image, known?.layout);
  return place === undefined ? 'not in the file' : address(place);
}

const titles = {
  good: 'This image fits',
  doubtful: 'Nobody here can tell whether this image fits',
  refused: 'This image cannot run on the connected device',
} as const;
