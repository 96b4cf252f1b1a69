// SPDX-License-Identifier: ISC
// Step 2: the drop zone, what the chosen file is, and whether it fits; folded into one line when it does.

import type { State } from '../app/state.ts';
import { placeOf } from '../image/check.ts';
import { FILE_LIMIT } from '../image/image.ts';
import { texts } from '../texts/index.ts';
import { hex, usbId } from '../texts/numbers.ts';
import { byId, element, onClick, setText, showFacts } from './dom.ts';

const { firmware: words } = texts.ui;
const { titles, usePart } = texts.verdict;
const { bytes } = texts.numbers;

export interface FirmwareActions {
  choose(name: string, content: Uint8Array): void;
  tooLarge(name: string, size: number): void;
  /** Of a file with more in it, the application alone. */
  usePart(): void;
  example(): void;
}

export class FirmwareView {
  private verdict_ = '';

  constructor(private readonly actions_: FirmwareActions) {
    const take = async (file: File | undefined): Promise<void> => {
      if (!file) return;
      if (file.size > FILE_LIMIT) actions_.tooLarge(file.name, file.size);
      else actions_.choose(file.name, new Uint8Array(await file.arrayBuffer()));
    };
    const input = byId<HTMLInputElement>('file');
    input.addEventListener('change', () => {
      void take(input.files?.[0]);
      input.value = ''; // the same file, built anew, is a change too
    });
    onClick('example', () => actions_.example());
    acceptDrops((file) => void take(file));
  }

  /** `example` where there is one to offer. */
  render(state: State, example: boolean): void {
    const { image, verdict } = state;
    const over = state.outcome?.kind === 'done' && state.outcome.written === true;
    const accepted = image !== undefined && verdict?.kind !== 'refused';
    byId('firmware-card').hidden = over || (!state.device && !image && !state.imageProblem && !state.known);
    byId('image').hidden = image === undefined;
    byId('drop').classList.toggle('is-small', image !== undefined);
    byId('firmware-card').classList.toggle('is-done', accepted);
    byId<HTMLInputElement>('file').disabled = state.job !== undefined;
    byId('example-row').hidden = !example || image !== undefined || state.job !== undefined;
    setText(byId('drop-call'), image ? image.name : words.choose);
    setText(byId('drop-size'), image ? size(state, image) : '');
    setText(byId('drop-hint'), image ? words.change : words.formats);
    if (image) {
      showFacts(byId('image-facts'), [
        [words.format, words.names[image.format]],
        [words.size, bytes(image.data.length)],
        [words.linkedFor, linkedFor(state)],
        [words.stack, hex(image.vectors.initialStack)],
        [words.reset, hex(image.vectors.reset)],
        ...(image.suffix ? [[words.device, usbId(image.suffix.vendorId, image.suffix.productId)] as const] : []),
      ]);
    }
    this.renderVerdict(state);
  }

  /** That it fits is said in the line of the file; everything else needs sentences. */
  private renderVerdict(state: State): void {
    const problem = state.imageProblem;
    const verdict = problem ? { kind: 'refused' as const, text: problem.cause, next: problem.next } : state.verdict;
    const signature = JSON.stringify([verdict ?? null, state.device === undefined]);
    if (signature === this.verdict_) return;
    this.verdict_ = signature;
    const box = byId('verdict');
    box.className = `verdict ${verdict?.kind ?? ''}`;
    if (!verdict) {
      box.replaceChildren();
      return;
    }
    if (verdict.kind === 'good') {
      box.replaceChildren(element('p', 'unseen', verdict.text));
      return;
    }
    const title = problem
      ? problem.title
      : state.device || verdict.kind !== 'refused'
        ? titles[verdict.kind]
        : titles.alone;
    box.replaceChildren(
      element('p', 'says-title', title),
      element('p', '', verdict.text),
      element('p', '', verdict.next),
    );
    if (verdict.kind === 'refused' && 'part' in verdict && verdict.part) {
      const button = element('button', '', usePart);
      button.type = 'button';
      button.addEventListener('click', () => this.actions_.usePart());
      box.append(button);
    }
  }
}

/** Anywhere on the page: a file that misses the zone would otherwise replace the page. */
function acceptDrops(take: (file: File | undefined) => void): void {
  const zone = byId('drop');
  const over =
    (on: boolean) =>
    (event: DragEvent): void => {
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

function size(state: State, image: NonNullable<State['image']>): string {
  const fits = state.verdict?.kind === 'good' ? ` · ${words.fits}` : '';
  return bytes(image.data.length) + fits;
}

function linkedFor({ image, known }: State): string {
  const place = image && placeOf(image, known?.placement);
  return place === undefined ? words.notInFile : hex(place);
}
