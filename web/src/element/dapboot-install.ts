// SPDX-License-Identifier: ISC
// <dapboot-install manifest="firmware.json">: a button and a dialog that bring a product's newest firmware to its board,
// for a vendor's own page. The same flow as the page's; nothing but this one script is needed.

import { Flow } from '../app/flow.ts';
import type { State } from '../app/state.ts';
import { missingUsb, platformOf } from '../app/support.ts';
import { stayAwake } from '../app/wake-lock.ts';
import { texts } from '../texts/index.ts';
import { drawnTick, element } from '../ui/dom.ts';
import type { DeviceHandle, DeviceSource } from '../usb/transport.ts';
import { WebUsbSource } from '../usb/web-usb.ts';
import { ManifestError, isNewer, loadFile, loadManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { style } from './style.ts';

const words = texts.element;

export class DapbootInstall extends HTMLElement {
  private readonly root_ = this.attachShadow({ mode: 'open' });
  private readonly dialog_ = element('dialog', '');
  private readonly body_ = element('div', '');
  private readonly announce_ = element('p', 'numbers');
  private manifest_: Manifest | undefined;
  private failure_ = '';
  private flow_: Flow | undefined;
  private source_: WebUsbSource | undefined;
  /** Whom the person chose, while it runs its application. */
  private chosen_: DeviceHandle | undefined;
  /** The person wants the firmware written as soon as the bootloader is there. */
  private wanted_ = false;
  private drawn_ = '';

  connectedCallback(): void {
    if (this.root_.childElementCount > 0) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    this.root_.adoptedStyleSheets = [sheet];
    const open = element('button', '', this.getAttribute('label') ?? words.open);
    open.type = 'button';
    open.part.add('button');
    open.addEventListener('click', () => void this.open());
    this.announce_.setAttribute('role', 'status');
    this.dialog_.append(this.body_);
    this.dialog_.setAttribute('aria-label', words.label);
    this.dialog_.part.add('dialog');
    // A dialog closes by Escape; while something is written it must not.
    this.dialog_.addEventListener('cancel', (event) => {
      if (this.flow_?.state.job) event.preventDefault();
    });
    this.dialog_.addEventListener('close', () => void this.flow_?.disconnect());
    this.root_.append(open, this.dialog_);
  }

  private async open(): Promise<void> {
    this.chosen_ = undefined;
    this.wanted_ = false;
    this.dialog_.showModal();
    this.flow_ ??= this.makeFlow();
    await this.load();
    this.flow_.startOver();
    this.render(true);
  }

  private makeFlow(): Flow {
    const usb = (navigator as { usb?: USB }).usb;
    const unsupported = missingUsb({
      hasUsb: usb !== undefined,
      secure: isSecureContext,
      userAgent: navigator.userAgent,
    });
    this.source_ = usb ? new WebUsbSource(usb) : undefined;
    return new Flow({
      sources: this.source_ ? [only(this.source_, (one) => this.mayUpdate(one))] : [],
      platform: platformOf(navigator.userAgent),
      unsupported,
      log: (line) => this.dispatchEvent(new CustomEvent('dapboot-log', { detail: line })),
      render: () => queueMicrotask(() => void this.changed()),
      saveFile: () => undefined,
      stayAwake: () => stayAwake(navigator),
    });
  }

  /** Nobody's board is opened behind a closed dialog, and no board but the manifest's in front of an open one. */
  private mayUpdate(handle: DeviceHandle): boolean {
    const boards = this.manifest_?.boards ?? [];
    const named = boards.some((one) => one.vendorId === handle.vendorId && one.productId === handle.productId);
    return this.dialog_.open && this.manifest_ !== undefined && (named || boards.length === 0);
  }

  /** A board that runs its application: the chosen one, or one that was permitted before. */
  private running(): DeviceHandle | undefined {
    const applications = this.flow_?.state.available.filter((one) => one.mode === 'application') ?? [];
    return applications.find((one) => Object.is(one.attachment, this.chosen_?.attachment)) ?? applications[0];
  }

  private async load(): Promise<void> {
    this.failure_ = '';
    try {
      const address = this.getAttribute('manifest');
      if (!address) throw new ManifestError(words.manifest.missing);
      this.manifest_ = await loadManifest(new URL(address, document.baseURI));
    } catch (error) {
      this.failure_ = error instanceof Error ? error.message : String(error);
    }
  }

  private async connect(): Promise<void> {
    try {
      const boards = this.manifest_?.boards ?? [];
      const handle = await this.source_?.request(boards.length > 0 ? boards : undefined);
      if (!handle) return;
      this.chosen_ = handle;
      await (handle.mode === 'application' ? this.flow_?.refresh() : this.flow_?.choose(handle));
    } catch (error) {
      this.flow_?.report(error);
    }
    this.render();
  }

  /** Something in the flow is different. */
  private async changed(): Promise<void> {
    const state = this.flow_?.state;
    if (!state || !this.dialog_.open) return;
    if (state.device && this.wanted_ && !state.job && !state.outcome) {
      this.wanted_ = false;
      await this.install();
    }
    this.render();
  }

  /** By a click: from the application into the bootloader first, where that is where the board is. */
  private async start(): Promise<void> {
    const application = this.flow_?.state.device ? undefined : this.running();
    if (application) {
      this.wanted_ = true;
      await this.flow_?.choose(application);
    } else {
      await this.install();
    }
    this.render();
  }

  private async install(): Promise<void> {
    const flow = this.flow_;
    const device = flow?.state.device;
    const manifest = this.manifest_;
    if (!flow || !device || !manifest) return;
    try {
      const base = device.placement?.base;
      const file =
        manifest.files.find((one) => one.base === base) ?? (base === undefined ? manifest.files[0] : undefined);
      if (!file) throw new ManifestError(words.noFile(base));
      const content = await loadFile(file);
      flow.chooseFile(file.url.pathname.split('/').at(-1) ?? manifest.name, content);
      const { verdict, imageProblem } = flow.state;
      if (imageProblem) throw new ManifestError(imageProblem.cause);
      if (verdict?.kind === 'refused') throw new ManifestError(`${verdict.text} ${verdict.next}`);
      await flow.write();
      const done = flow.state.outcome?.kind === 'done';
      this.dispatchEvent(
        new CustomEvent(done ? 'dapboot-installed' : 'dapboot-failed', { detail: { version: manifest.version } }),
      );
    } catch (error) {
      this.failure_ = error instanceof Error ? error.message : String(error);
    }
  }

  private render(anew = false): void {
    const state = this.flow_?.state;
    if (!state) return;
    // The progress alone moves often: the buttons stay where they are, and keep the focus.
    const signature = JSON.stringify([
      state.job?.kind,
      state.outcome,
      state.device?.facts.serial,
      state.connecting,
      state.unsupported,
      this.failure_,
      this.manifest_?.version,
      state.available.map((one) => [one.mode, one.serial, one.version]),
    ]);
    if (!anew && signature === this.drawn_) {
      this.renderProgress(state);
      return;
    }
    this.drawn_ = signature;
    this.body_.replaceChildren(...this.content(state));
    this.renderProgress(state);
  }

  private renderProgress({ job }: State): void {
    const bar = this.body_.querySelector('progress');
    if (!bar || !job) return;
    if (job.total) bar.value = job.done / job.total;
    const said = job.total ? `${job.step} · ${texts.numbers.percent(job.done / job.total)}` : job.step;
    if (this.announce_.textContent !== said) this.announce_.textContent = said;
  }

  private content(state: State): Node[] {
    const manifest = this.manifest_;
    const title = element('h2', '', manifest ? words.title(manifest.name) : words.label);
    const { outcome } = state;
    if (state.unsupported) return [title, problem(state.unsupported.title, state.unsupported.next), this.row()];
    if (outcome?.kind === 'done' && outcome.written) {
      const text = element('p', '', outcome.returned?.next ?? words.done(manifest?.version ?? ''));
      text.setAttribute('role', 'status');
      const tick = drawnTick();
      tick.setAttribute('class', 'tick');
      return [element('div', 'done', tick, element('h2', '', outcome.title), text), this.row()];
    }
    if (state.job) {
      const bar = element('progress', '');
      bar.setAttribute('aria-label', state.job.step);
      return [title, bar, this.announce_, this.row(button('quiet', texts.ui.update.cancel, () => this.flow_?.stop()))];
    }
    const troubles: Node[] = [];
    if (this.failure_) troubles.push(problem(words.failed, this.failure_));
    if (outcome && outcome.kind !== 'done') troubles.push(problem(outcome.title, `${outcome.cause} ${outcome.next}`));
    return [title, ...this.versions(state), ...troubles, this.row(...this.actions(state))];
  }

  private versions(state: State): Node[] {
    const manifest = this.manifest_;
    if (!manifest) return [];
    const running = this.running();
    const installed = state.device ? undefined : running?.version;
    const newer = installed === undefined ? undefined : isNewer(manifest.version, installed);
    const parts = [element('p', 'versions', words.versions(installed, manifest.version, newer))];
    if (manifest.notes) parts.push(element('p', 'notes', manifest.notes));
    if (!state.device && !running) parts.push(element('p', '', words.how));
    return parts;
  }

  private actions(state: State): HTMLElement[] {
    if (!this.manifest_) return [];
    const ready = state.device !== undefined || (this.running() !== undefined && !state.connecting);
    if (ready) return [button('', words.install(this.manifest_.version), () => void this.start())];
    const connect = button(
      '',
      state.connecting ? texts.ui.start.connecting : texts.ui.start.connect,
      () => void this.connect(),
    );
    connect.disabled = state.connecting;
    return [connect];
  }

  private row(...buttons: HTMLElement[]): HTMLElement {
    const close = this.flow_?.state.job ? [] : [button('quiet', words.close, () => this.dialog_.close())];
    return element('div', 'row', ...close, ...buttons);
  }
}

/** Of what the source has, what may be used. */
function only(source: DeviceSource, admits: (handle: DeviceHandle) => boolean): DeviceSource {
  return {
    list: async () => (await source.list()).filter(admits),
    watch: (changed) => source.watch(changed),
  };
}

function problem(title: string, text: string): HTMLElement {
  const box = element('div', 'problem', element('strong', '', title), element('p', '', text));
  box.setAttribute('role', 'alert');
  return box;
}

function button(looks: string, text: string, act: () => void): HTMLButtonElement {
  const made = element('button', looks, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

if (!customElements.get('dapboot-install')) customElements.define('dapboot-install', DapbootInstall);
