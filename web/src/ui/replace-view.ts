// SPDX-License-Identifier: ISC
// "Replace this bootloader": offered where an old one is connected that an installer image can take the place of, for
// the boards whose installers are part of this build.

import { builtImages } from '../app/bootloaders.ts';
import { installerFor, replaceableAt } from '../app/replace.ts';
import type { State } from '../app/state.ts';
import { boardKinds } from '../install/chips.ts';
import { texts } from '../texts/index.ts';
import { byId, element, onClick } from './dom.ts';

export class ReplaceView {
  private base_: number | undefined;
  /** Where the installers begin that the list holds. */
  private offered_: number | undefined;
  private fileChosen_ = false;

  /** `take` gets the board that the person names, and where its installer has to begin. */
  constructor(
    private readonly newest_: number,
    take: (board: string, base: number) => void,
  ) {
    onClick('replace-take', () => {
      if (this.base_ !== undefined) take(byId<HTMLSelectElement>('replace-board').value, this.base_);
    });
  }

  render({ device, job, image }: State): void {
    this.base_ = device && !job ? replaceableAt(device, this.newest_) : undefined;
    this.fileChosen_ = image !== undefined;
    this.show();
    if (this.base_ !== undefined && this.base_ !== this.offered_) void this.offer(this.base_);
    byId('replace-why').textContent = texts.ui.replace.why(device?.facts.capability !== undefined);
  }

  private show(): void {
    byId('replace').hidden = this.base_ === undefined || this.base_ !== this.offered_ || this.fileChosen_;
  }

  private async offer(base: number): Promise<void> {
    const built = new Set((await builtImages()).map(({ file }) => file));
    const boards = boardKinds.filter(({ id }) => built.has(installerFor(id, base)));
    if (boards.length === 0 || base !== this.base_) return;
    byId('replace-board').replaceChildren(
      ...boards.map((one) => {
        const choice = element('option', '', one.name);
        choice.value = one.id;
        return choice;
      }),
    );
    this.offered_ = base;
    this.show();
  }
}
