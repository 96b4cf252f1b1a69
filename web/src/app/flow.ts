// SPDX-License-Identifier: ISC
// The flow of the page: which device is connected, which image is chosen, what is being done. Owns the state;
// whatever a person or the bus does arrives here, and each change is handed to the views as a whole. Which device is
// opened when is not decided here but in connection.ts; this file does what that says.

import type { DfuTarget } from '../dfu/device.ts';
import { judge, judgeAlone } from '../image/check.ts';
import { loadImage, partFrom } from '../image/image.ts';
import { texts } from '../texts/index.ts';
import { UsbFault } from '../usb/transport.ts';
import type { DeviceHandle, DeviceSource, DfuTransport } from '../usb/transport.ts';
import { connect, placementOf } from './connect.ts';
import { initialConnection, inUse, step } from './connection.ts';
import type { Connection, Effect, Event, Remark } from './connection.ts';
import { explain } from './explain.ts';
import { afterInstaller, afterLeaving, atConnection, remarked } from './remarks.ts';
import { isInstaller } from './replace.ts';
import type { Explanation, Platform } from './explain.ts';
import * as jobs from './jobs.ts';
import type { Done, JobContext } from './jobs.ts';
import { initialState } from './state.ts';
import type { ConnectedDevice, JobKind, Outcome, State } from './state.ts';

export interface FlowOptions {
  readonly sources: readonly DeviceSource[];
  readonly platform: Platform;
  readonly unsupported?: Explanation | undefined;
  /** bcdDevice of the bootloaders of this build; an older dapboot can be replaced. */
  readonly newest?: number;
  readonly log: (line: string) => void;
  readonly render: (state: State) => void;
  /** Hands a file to the person. */
  readonly saveFile: (name: string, content: Uint8Array) => void;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly after?: (milliseconds: number, act: () => void) => void;
  readonly now?: () => number;
  /** Keeps the screen on; the function that it gives ends that. */
  readonly stayAwake?: () => () => void;
}

export class Flow {
  private state_: State;
  private connection_: Connection = initialConnection;
  private transport_: DfuTransport | undefined;
  /** What `close` is for, when the phase has moved on already. */
  private lastTransport_: DfuTransport | undefined;
  private ready_: ConnectedDevice | undefined;
  /** What was said of an installer that is at work: the next device tells what came of it. */
  private installer_: Outcome | undefined;
  private stop_ = new AbortController();
  /** Plug-ins that turned out to be applications when they were opened. */
  private readonly applications_ = new WeakSet<object>();
  /** What is being opened or closed; one after the other. */
  private pending_ = Promise.resolve();

  constructor(private readonly options_: FlowOptions) {
    this.state_ = { ...initialState, unsupported: options_.unsupported };
    for (const source of options_.sources) source.watch(() => void this.refresh());
  }

  get state(): State {
    return this.state_;
  }

  /** Looks which devices are there, and connects the one that is expected. */
  async refresh(): Promise<void> {
    const lists = await Promise.allSettled(this.options_.sources.map((source) => source.list()));
    const available = lists
      .flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
      .map((one) => this.known(one));
    const failed = lists.find((one) => one.status === 'rejected');
    if (failed) {
      this.options_.log(String(failed.reason));
      this.set({ unsupported: this.explain(failed.reason) });
    }
    this.set({ available });
    const usable = available.filter((one) => one.kind !== 'usb' || !this.state_.unsupported);
    this.dispatch({ is: 'present', handles: usable });
    await this.pending_;
  }

  /** Puts a virtual board on the table, or with undefined goes back to USB; what is there connects by itself. */
  async follow(table: object | undefined): Promise<void> {
    this.dispatch({ is: 'table', table });
    await this.refresh();
  }

  /** Connects the device that a person chose; an application is asked for its bootloader. */
  async choose(handle: DeviceHandle): Promise<void> {
    this.dispatch({ is: 'chosen', handle });
    await this.pending_;
  }

  /** Gives the device free, and leaves it alone until it is plugged in again or chosen. */
  async disconnect(): Promise<void> {
    this.dispatch({ is: 'released' });
    await this.pending_;
  }

  /** Gives the device free and the person's permission back. */
  async forget(): Promise<void> {
    const handle = this.state_.device?.handle;
    await this.disconnect();
    await handle?.forget?.();
    await this.refresh();
  }

  /** Another alternate setting of the connected device: another part of its memory. */
  async useTarget(target: DfuTarget): Promise<void> {
    const { device, job } = this.state_;
    const transport = this.transport_;
    if (!device || !transport || job || device.target === target) return;
    const { configuration, interfaceNumber, alternate } = target.interface;
    try {
      await transport.select(configuration, interfaceNumber, alternate);
      const placement = await placementOf(transport, device.facts, target, {
        sleep: this.sleep,
        log: this.options_.log,
      });
      this.hold({ ...device, target, placement });
      this.set({ outcome: undefined });
      this.judge();
    } catch (error) {
      this.report(error);
    }
  }

  chooseFile(name: string, content: Uint8Array): void {
    this.stopWaiting();
    this.installer_ = undefined;
    try {
      const image = loadImage(name, content);
      this.options_.log(`file ${name}: ${image.format}, ${image.data.length} bytes`);
      this.set({ image, imageProblem: undefined, outcome: undefined });
    } catch (error) {
      this.refuseFile(name, error);
    }
    this.judge();
  }

  /** A file that is no image, or was not even read. */
  refuseFile(name: string, error: unknown): void {
    const imageProblem = this.explain(error);
    this.options_.log(`file ${name}: ${imageProblem.cause}`);
    this.set({ image: undefined, imageProblem, verdict: undefined, outcome: undefined });
  }

  /** Of a file with a bootloader in front, the application alone. */
  usePart(): void {
    const { image, verdict } = this.state_;
    if (!image || verdict?.kind !== 'refused' || !verdict.part) return;
    this.set({ image: partFrom(image, verdict.part.start, verdict.part.address), outcome: undefined });
    this.judge();
  }

  /** Takes success or failure off the page, for the next board. */
  startOver(): void {
    this.installer_ = undefined;
    // An installer is not what the next board gets, and not what this one gets next.
    const done = isInstaller(this.state_.image) ? { image: undefined, verdict: undefined } : {};
    this.set({ outcome: undefined, ...done });
    void this.refresh();
  }

  async write(): Promise<void> {
    const { image, verdict } = this.state_;
    if (!image || !verdict || verdict.kind === 'refused') return;
    await this.run('write', (context) => jobs.write(context, image));
  }

  async verify(): Promise<void> {
    const { image } = this.state_;
    if (image) await this.run('verify', (context) => jobs.verify(context, image));
  }

  async save(): Promise<void> {
    await this.run('save', (context) => jobs.save(context));
  }

  async start(): Promise<void> {
    await this.run('start', (context) => jobs.start(context));
  }

  /** Ends the running job, or gives up waiting for the device to come back. */
  stop(): void {
    this.stop_.abort();
    this.stopWaiting();
  }

  /** A problem from outside the flow, such as a chooser that failed. */
  report(error: unknown): void {
    this.set({ outcome: { kind: 'problem', about: 'device', ...this.explain(error) } });
  }

  /** What was learned about a plug-in by opening it. */
  private known(handle: DeviceHandle): DeviceHandle {
    const learned = handle.mode === undefined && this.applications_.has(handle.attachment as object);
    return learned ? { ...handle, mode: 'application' } : handle;
  }

  private stopWaiting(): void {
    this.dispatch({ is: 'given-up' });
    if (this.state_.outcome?.kind === 'interrupted') this.set({ outcome: undefined });
  }

  private dispatch(event: Event): void {
    const { next, effects } = step(this.connection_, event);
    const changed = next.phase !== this.connection_.phase;
    this.connection_ = next;
    if (changed) this.options_.log(`${event.is}: ${next.phase.at}`);
    this.mirror();
    for (const effect of effects) this.perform(effect);
  }

  /** What the phase means for the page. */
  private mirror(): void {
    const { phase } = this.connection_;
    const connected = inUse(phase) && !(phase.at === 'working' && phase.gone);
    if (!inUse(phase)) this.transport_ = this.ready_ = undefined;
    const device = connected ? this.ready_ : undefined;
    const connecting = phase.at === 'opening';
    if (device === this.state_.device && connecting === this.state_.connecting) return;
    this.set({ device, connecting });
    this.judge();
  }

  private perform(effect: Effect): void {
    const { phase } = this.connection_;
    switch (effect.do) {
      case 'open':
        this.pending_ = this.pending_.then(() => this.open(effect.handle, effect.patient, effect.detach));
        break;
      case 'close':
        this.pending_ = Promise.all([this.pending_, this.lastTransport_?.close()]).then(() => undefined);
        break;
      case 'resume':
        this.options_.log('the device is back: going on');
        // Not awaited: a write takes long, and the bus goes on being watched meanwhile.
        void this.write();
        break;
      case 'wait':
        this.after(effect.milliseconds, () => {
          if (this.connection_.phase !== phase) return;
          this.dispatch({ is: 'late' });
          void this.refresh();
        });
        break;
      case 'say':
        this.say(effect.what);
        break;
      case 'take-back':
        if (this.state_.outcome?.kind === 'interrupted' || this.state_.outcome?.kind === 'note')
          this.set({ outcome: undefined });
        break;
    }
  }

  private async open(handle: DeviceHandle, patient: boolean, detach: boolean): Promise<void> {
    const { phase } = this.connection_;
    if (phase.at !== 'opening' || phase.handle !== handle) return;
    try {
      const found = await connect(handle, { patient, detach, sleep: this.sleep, log: this.options_.log });
      if (this.connection_.phase !== phase) {
        if (found.kind === 'ready') await found.transport.close();
      } else if (found.kind === 'ready') {
        this.adopt(found.transport, found.device);
      } else if (found.kind === 'unusable') {
        this.refuse(found.why);
      } else {
        if (found.kind === 'application') this.applications_.add(handle.attachment as object);
        this.dispatch({ is: found.kind === 'detached' ? 'detached' : 'is-application' });
        await this.settleOpening(phase);
        void this.refresh();
      }
    } catch (error) {
      // A device that came and went while it was looked at is no problem of the person's.
      if (this.connection_.phase !== phase) return;
      if (error instanceof UsbFault && error.kind === 'gone') this.dispatch({ is: 'vanished' });
      else this.refuse(this.explain(error, handle));
    }
  }

  /** Asking an application for its bootloader opens it a second time, within the same turn. */
  private async settleOpening(before: Connection['phase']): Promise<void> {
    const { phase } = this.connection_;
    if (phase === before || phase.at !== 'opening' || before.at !== 'opening' || phase.handle !== before.handle) return;
    await this.open(phase.handle, false, true);
  }

  private adopt(transport: DfuTransport, device: ConnectedDevice): void {
    this.transport_ = this.lastTransport_ = transport;
    this.ready_ = device;
    const { installer_: ran } = this;
    this.installer_ = undefined;
    this.set({ outcome: ran ? afterInstaller(ran, device, this.options_.newest) : atConnection(this.state_) });
    void transport.gone.then(() => {
      if (this.transport_ !== transport) return;
      this.options_.log('the device left the bus');
      this.set({ outcome: afterLeaving(this.state_.outcome) });
      this.dispatch({ is: 'left' });
      void this.refresh();
    });
    this.dispatch({ is: 'opened' });
  }

  private refuse(why: Explanation): void {
    this.options_.log(`${why.title}: ${why.cause}`);
    this.dispatch({ is: 'refused' });
    // Between its old and its new bootloader a board may be there and answer nobody.
    if (!this.installer_) this.set({ outcome: { kind: 'problem', about: 'device', ...why } });
  }

  private say(what: Remark): void {
    this.set({ outcome: remarked(what, this.state_) });
  }

  private async run(kind: JobKind, work: (context: JobContext) => Promise<Done>): Promise<void> {
    const device = this.ready_;
    const transport = this.transport_;
    if (this.connection_.phase.at !== 'connected' || !device || !transport) return;
    this.stop_ = new AbortController();
    this.dispatch({ is: 'job', writes: kind === 'write' });
    const idle = { kind, step: texts.job.gettingReady, done: 0, total: undefined, rate: undefined };
    this.set({ job: idle, outcome: undefined });
    const release = this.options_.stayAwake?.();
    const context: JobContext = {
      transport,
      device,
      signal: this.stop_.signal,
      show: (job) => this.set({ job }),
      log: this.options_.log,
      now: this.options_.now ?? (() => performance.now()),
      sleep: this.sleep,
    };
    try {
      this.finish(device, await work(context));
    } catch (error) {
      this.fail(device, error);
    }
    release?.();
    // The device may have left and come back while the job was ending.
    await this.refresh();
  }

  private finish(device: ConnectedDevice, done: Done): void {
    this.options_.log(done.outcome.title);
    if (done.saved && done.saved.length > 0) {
      this.options_.saveFile(`${device.facts.serial || 'device'}-application.bin`, done.saved);
    }
    if (done.placement) this.hold({ ...device, placement: done.placement });
    this.installer_ = done.ending === 'left' && isInstaller(this.state_.image) ? done.outcome : undefined;
    this.set({ job: undefined, outcome: done.outcome });
    this.dispatch({ is: 'job-ended', how: done.ending === 'left' ? 'started' : 'stayed' });
    if (done.placement) this.judge();
  }

  private fail(device: ConnectedDevice, error: unknown): void {
    this.options_.log(error instanceof Error ? error.message : String(error));
    const { phase } = this.connection_;
    const gone = error instanceof UsbFault && (error.kind === 'gone' || (phase.at === 'working' && phase.gone));
    const stopped = this.stop_.signal.aborted;
    this.set({ job: undefined, outcome: { kind: 'problem', ...this.explain(error, device.handle) } });
    this.dispatch({ is: 'job-ended', how: gone && !stopped ? 'cut' : 'failed' });
  }

  private hold(device: ConnectedDevice): void {
    this.ready_ = device;
    if (this.state_.device) this.set({ device });
  }

  private judge(): void {
    const { image, device } = this.state_;
    const verdict = !image ? undefined : device ? judge(image, jobs.destinationOf(device)) : judgeAlone(image);
    this.set({ verdict });
  }

  private explain(error: unknown, handle?: DeviceHandle): Explanation {
    const ids = handle ? { vendorId: handle.vendorId, productId: handle.productId } : {};
    return explain(error, { platform: this.options_.platform, ...ids });
  }

  private readonly sleep = (milliseconds: number): Promise<void> =>
    this.options_.sleep
      ? this.options_.sleep(milliseconds)
      : new Promise((resolve) => setTimeout(resolve, milliseconds));

  private after(milliseconds: number, act: () => void): void {
    if (this.options_.after) this.options_.after(milliseconds, act);
    else setTimeout(act, milliseconds);
  }

  private set(change: Partial<State>): void {
    this.state_ = { ...this.state_, ...change };
    if (change.device) this.state_ = { ...this.state_, known: change.device };
    this.options_.render(this.state_);
  }
}
