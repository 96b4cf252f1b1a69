// SPDX-License-Identifier: ISC
// "New board": which board, by what, how to connect it, what the chip is, and the installation; then on to firmware.

import { builtImages, loadBootloader } from '../app/bootloaders.ts';
import type { BuiltImage } from '../app/bootloaders.ts';
import type { Explanation } from '../app/explain.ts';
import { parseHex } from '../image/hex.ts';
import type { Segment } from '../image/segments.ts';
import { boardKinds, chipKind } from '../install/chips.ts';
import { allowedAdapters, canChoose, chooseAdapter, virtualAdapter, watchAdapters } from '../install/adapters.ts';
import type { KnownAdapter } from '../install/adapters.ts';
import type { BoardKind } from '../install/chips.ts';
import { explainWay } from '../install/explain-way.ts';
import type { Way } from '../install/explain-way.ts';
import { check, install } from '../install/installer.ts';
import type { InstallProgress } from '../install/installer.ts';
import type { ChipAccess, ChipFacts } from '../install/line.ts';
import { texts } from '../texts/index.ts';
import type { BoardLink } from '../usb/board-link.ts';
import { byId, choice, drawnTick, element, setText, showFacts } from './dom.ts';
import { enter } from './modes.ts';
import { boardPicture, wiringPicture } from './wiring.ts';

const words = texts.install;

type Stage =
  | { readonly at: 'choosing' | 'connecting' }
  | {
      readonly at: 'found';
      readonly chip: ChipAccess;
      readonly facts: ChipFacts;
      readonly segments: readonly Segment[];
    }
  | { readonly at: 'working'; readonly progress: InstallProgress }
  | { readonly at: 'done' }
  | { readonly at: 'failed'; readonly why: Explanation };

export interface InstallOptions {
  readonly log: (line: string) => void;
  /** Virtual boards that came blank, with adapters. */
  readonly boards: readonly BoardLink[];
  /** Goes on with the bootloader that was just installed on this virtual board. */
  readonly useBoard: (board: BoardLink) => void;
}

export class InstallView {
  private readonly root_ = byId('install-mode');
  private images_: readonly BuiltImage[] = [];
  private kinds_ = boardKinds;
  private board_: BoardKind = boardKinds[0]!;
  private way_: Way = 'serial';
  private file_ = '';
  private stage_: Stage = { at: 'choosing' };
  private allowed_: readonly KnownAdapter[] = [];
  /** The chooser was closed, perhaps because it was empty: browsers do not say which. */
  private nothingChosen_ = false;
  /** The virtual board that is being installed on. */
  private virtual_: BoardLink | undefined;

  constructor(private readonly options_: InstallOptions) {
    watchAdapters(() => void this.lookForAdapters());
  }

  /** Whether something is being written that must not be left. */
  get busy(): boolean {
    return this.stage_.at === 'working';
  }

  async enter(): Promise<void> {
    this.images_ = await builtImages();
    const built = boardKinds.filter(({ id }) => this.images_.some(({ file }) => file === imageFor(id)));
    // None at all: the list did not come, which is said when an image is wanted.
    if (built.length > 0) this.kinds_ = built;
    this.choose(this.kinds_.find((one) => one === this.board_) ?? this.kinds_[0]!);
    await this.lookForAdapters();
  }

  private async lookForAdapters(): Promise<void> {
    this.allowed_ = await allowedAdapters(this.way_);
    if (this.stage_.at === 'choosing') this.render();
  }

  private show(stage: Stage): void {
    const another = stage.at !== this.stage_.at;
    this.stage_ = stage;
    this.render();
    // Each stage is a page of its own, shorter than the choices.
    if (another) scrollTo(0, 0);
  }

  /** By an adapter that needs no chooser, or by one that the person is asked for. */
  private async connect(known?: KnownAdapter): Promise<void> {
    let chip: ChipAccess | undefined;
    try {
      chip = known ? known.chip() : await chooseAdapter(this.way_);
      this.nothingChosen_ = !chip;
      if (!chip) return this.render();
      this.virtual_ = known?.board;
      // Virtual boards are Blue Pills.
      if (known?.board && this.board_ !== boardKinds[0]) this.choose(boardKinds[0]!);
      this.show({ at: 'connecting' });
      const facts = await chip.connect();
      this.options_.log(
        `chip 0x${facts.id.toString(16)}, ${facts.flashKib ?? 'unknown'} KiB${facts.protected ? ', protected' : ''}`,
      );
      const segments = parseHex(await loadBootloader(this.file_));
      check(facts, segments);
      this.show({ at: 'found', chip, facts, segments });
    } catch (error) {
      await chip?.close();
      this.fail(error);
    }
  }

  private async install({ chip, facts, segments }: Extract<Stage, { at: 'found' }>): Promise<void> {
    try {
      await install(chip, facts, segments, (progress) => this.show({ at: 'working', progress }));
      this.show({ at: 'done' });
    } catch (error) {
      this.fail(error);
    } finally {
      await chip.close();
    }
  }

  private fail(error: unknown): void {
    this.options_.log(error instanceof Error ? error.message : String(error));
    this.show({ at: 'failed', why: explainWay(error, this.way_) });
  }

  private render(): void {
    const drawn = byId('wiring');
    drawn.replaceChildren(wiringPicture(this.board_, this.way_));
    // The bar moves within what stands there: focus and announcements stay.
    const bar = this.root_.querySelector('[role=progressbar]');
    if (this.stage_.at === 'working' && bar) this.renderProgress(this.stage_.progress);
    else {
      const focused = focusedOption(this.root_);
      this.root_.replaceChildren(...this.content());
      if (focused) this.root_.querySelector<HTMLElement>(`input[name=${focused}]:checked`)?.focus();
    }
    if (this.stage_.at === 'working' && !bar) this.renderProgress(this.stage_.progress);
  }

  private content(): Node[] {
    const { stage_: stage } = this;
    switch (stage.at) {
      case 'choosing':
      case 'connecting':
        return this.choosing(stage.at === 'connecting');
      case 'found':
        return this.found(stage);
      case 'working':
        return [heading(), progressBar()];
      case 'done':
        return this.done();
      case 'failed':
        return [heading(), ...this.failed(stage.why)];
    }
  }

  private choosing(connecting: boolean): Node[] {
    const steps = element('ol', 'way-steps', ...words.steps[this.way_].map((one) => element('li', '', one)));
    const can = canChoose(this.way_);
    const connect = button(
      'primary',
      connecting ? words.connecting : words.connect[this.way_],
      () => void this.connect(),
    );
    connect.id = 'install-connect';
    connect.disabled = !can || connecting;
    const known = [...this.allowed_, ...this.options_.boards.map((one) => virtualAdapter(this.way_, one))];
    const others = element(
      'div',
      'choices',
      ...(connecting ? [] : known.map((one) => choice(one.name, one.detail, () => void this.connect(one)))),
    );
    const missing = can ? [] : [element('p', 'hint', words.missing[this.way_])];
    const hint = element('p', 'hint', this.nothingChosen_ && !connecting ? words.nothingChosen[this.way_] : '');
    hint.setAttribute('role', 'status');
    const bar = element('div', 'action-bar', connect, ...missing, hint, others);
    const boards = this.kinds_.map((one) =>
      option('board', one.name, undefined, one === this.board_, () => this.choose(one), boardPicture(one)),
    );
    const ways = (['serial', 'stlink'] as const).map((one) =>
      option('way', words.ways[one], words.wayDetails[one], one === this.way_, () => {
        this.way_ = one;
        this.nothingChosen_ = false;
        this.allowed_ = [];
        this.render();
        void this.lookForAdapters();
      }),
    );
    return [
      heading(),
      element('p', 'lead', words.lead),
      group(words.board, 'boards', boards),
      this.layouts(),
      group(words.way, 'ways', ways),
      steps,
      bar,
    ];
  }

  private choose(board: BoardKind): void {
    if (board !== this.board_ || !this.file_) this.file_ = imageFor(board.id);
    this.board_ = board;
    this.render();
  }

  private layouts(): HTMLElement {
    const pattern = new RegExp(`^dapboot-${this.board_.id}(-high(?:-(\\d+))?)?\\.hex$`);
    const select = element('select', '');
    select.id = 'install-layout';
    for (const { file } of this.images_) {
      const found = pattern.exec(file);
      if (!found) continue;
      const choice = element('option', '', found[1] ? words.variant(found[2] ?? '') : words.standard);
      choice.value = file;
      choice.selected = file === this.file_;
      select.append(choice);
    }
    select.addEventListener('change', () => (this.file_ = select.value));
    const label = element('label', '', words.layout);
    label.htmlFor = select.id;
    return element('p', 'target-row', label, ' ', select);
  }

  private found(stage: Extract<Stage, { at: 'found' }>): Node[] {
    const { facts } = stage;
    const list = element('dl', 'facts');
    showFacts(list, [
      [words.chip, words.chipId(chipKind(facts.id)?.name ?? '', facts.id)],
      [words.flash, words.flashKib(facts.flashKib)],
      [words.protection, facts.protected ? words.closed : words.open],
    ]);
    const warning = element(
      'div',
      'verdict doubtful',
      element('p', 'says-title', words.warning.title),
      element('p', '', words.warning.text),
    );
    const write = button('primary', facts.protected ? words.erases : words.write, () => void this.install(stage));
    write.id = 'install-write';
    const back = button('quiet', texts.ui.device.close, () => {
      void stage.chip.close();
      this.show({ at: 'choosing' });
    });
    return [
      heading(),
      element('div', 'step step-body chip-found', element('h3', '', words.found), list),
      ...(facts.protected ? [warning] : []),
      element('div', 'action-bar', write, element('div', 'row more', back)),
    ];
  }

  private renderProgress({ step, share }: InstallProgress): void {
    setText(byId('install-step'), words.progress[step]);
    setText(byId('announce'), words.progress[step]);
    const percent = Math.floor(share * 100);
    setText(byId('install-percent'), texts.numbers.percent(share));
    byId('install-bar').setAttribute('aria-valuenow', String(percent));
    byId('install-bar').querySelector<HTMLElement>('.bar-fill')?.style.setProperty('--share', String(share));
  }

  private done(): Node[] {
    const said = words.doneText[this.virtual_ ? 'virtual' : this.way_];
    const text = element('p', '', said);
    const moment = element(
      'div',
      'outcome good moment',
      drawnTick(),
      element('h2', 'title says-title', words.done),
      text,
    );
    setText(byId('announce'), `${words.done}. ${said}`);
    const on = button('primary', words.next, () => {
      this.show({ at: 'choosing' });
      enter('update');
      if (this.virtual_) this.options_.useBoard(this.virtual_);
    });
    const more = button('quiet', words.again, () => this.show({ at: 'choosing' }));
    return [moment, element('div', 'action-bar', on, element('div', 'row more', more))];
  }

  private failed(why: Explanation): Node[] {
    const box = element(
      'div',
      'outcome refused',
      element('p', 'says-title', why.title),
      element('p', '', why.cause),
      element('p', '', why.next),
    );
    setText(byId('announce'), `${why.title}. ${why.cause} ${why.next}`);
    return [
      box,
      element(
        'div',
        'action-bar',
        button('primary', words.retry, () => this.show({ at: 'choosing' })),
      ),
    ];
  }
}

/** The standard layout, which every board has. */
function imageFor(board: string): string {
  return `dapboot-${board}.hex`;
}

/** The group of options that has the keyboard, which drawing it anew must not take away. */
function focusedOption(root: HTMLElement): string | undefined {
  const focused = root.ownerDocument.activeElement;
  return focused instanceof HTMLInputElement && root.contains(focused) ? focused.name : undefined;
}

function heading(): HTMLElement {
  return element('h2', 'title', words.title);
}

function progressBar(): HTMLElement {
  const step = element('p', 'job-step');
  step.id = 'install-step';
  const percent = element('p', 'job-percent');
  percent.id = 'install-percent';
  const bar = element('div', 'bar', element('div', 'bar-fill'));
  bar.id = 'install-bar';
  bar.setAttribute('role', 'progressbar');
  bar.setAttribute('aria-labelledby', 'install-step');
  bar.setAttribute('aria-valuemin', '0');
  bar.setAttribute('aria-valuemax', '100');
  return element('div', 'action-bar', element('div', 'job-head', step, percent), bar);
}

function group(title: string, looks: string, options: readonly HTMLElement[]): HTMLElement {
  return element('fieldset', looks, element('legend', '', title), ...options);
}

function option(
  name: string,
  title: string,
  detail: string | undefined,
  chosen: boolean,
  choose: () => void,
  picture?: Node,
): HTMLElement {
  const input = element('input', 'unseen');
  input.type = 'radio';
  input.name = name;
  input.checked = chosen;
  input.addEventListener('change', choose);
  return element(
    'label',
    'option',
    input,
    ...(picture ? [picture] : []),
    element('span', '', title),
    ...(detail ? [element('small', '', detail)] : []),
  );
}

function button(looks: string, text: string, act: () => void): HTMLButtonElement {
  const made = element('button', looks, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}
