// SPDX-License-Identifier: ISC
// "Replace this bootloader": offered where an old one is connected that an installer image can take the place of.

import { replaceableAt } from '../app/replace.ts';
import type { State } from '../app/state.ts';
import { boardKinds } from '../install/chips.ts';
import { texts } from '../texts/index.ts';
import { byId, element, onClick } from './dom.ts';

export class ReplaceView {
  private base_: number | undefined;

  /** `take` gets the board that the person names, and where its installer has to begin. */
  constructor(
    private readonly newest_: number,
    take: (board: string, base: number) => void,
  ) {
    byId('replace-board').append(
      ...boardKinds.map((one) => {
        const choice = element('option', '', one.name);
        choice.value = one.id;
        return choice;
      }),
    );
    onClick('replace-take', () => {
      if (this.base_ !== undefined) take(byId<HTMLSelectElement>('replace-board').value, this.base_);
    });
  }

  render({ device, job, image }: State): void {
    this.base_ = device && !job ? replaceableAt(device, this.newest_) : undefined;
    byId('replace').hidden = this.base_ === undefined || image !== undefined;
    byId('replace-why').textContent = texts.ui.replace.why(device?.facts.capability !== undefined);
  }
}
