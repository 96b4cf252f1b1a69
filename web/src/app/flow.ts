// SPDX-License-Identifier: ISC
// The flow of the page: which device is connected, which image is chosen, what is being done. Owns the state;
// whatever a person or the bus does arrives here, and each change is handed to the views as a whole.

import type { DfuTarget } from '../dfu/device.ts';
import { loadImage } from '../image/image.ts';
import type { Image } from '../image/image.ts';
import { judge } from '../image/check.ts';
import { sameDevice, UsbFault } from '../usb/transport.ts';
import type { DeviceHandle, DeviceSource, DfuTransport } from '../usb/transport.ts';
import { connect } from './connect.ts';
import { explain } from './explain.ts';
import type { Explanation, Platform } from './explain.ts';
import * as jobs from './jobs.ts';
import type { Done, JobContext } from './jobs.ts';
import { initialState } from './state.ts';
import type { ConnectedDevice, JobKind, State } from './state.ts';

export interface FlowOptions {
  readonly sources: readonly DeviceSource[];
  readonly platform: Platform;
  readonly unsupported?: Explanation | undefined;
  readonly log: (line: string) => void;
  readonly render: (state: State) => void;
  /** Hands a file to the person. */
  readonly saveFile: (name: string, content: Uint8Array) => void;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly now?: () => number;
}

/** A write that keeps losing its device is not taken up for ever. */
const RESUME_LIMIT = 5;
const PATIENT_ATTEMPTS = 5;
const CLICK_ATTEMPTS = 2;

export class Flow {
  private state_: State;
  private transport_: DfuTransport | undefined;
  private stop_ = new AbortController();
  /** Devices that may be connected without a click when they appear. */
  private expected_: (handle: DeviceHandle) => boolean = (handle) => handle.kind === 'usb';
  /** A device that was refused or given free: left alone until it is plugged in again or chosen. */
  private shunned_: DeviceHandle | undefined;
  /** A write that goes on when its device is back. */
  private resume_: { image: Image; handle: DeviceHandle; left: number; waiting: boolean } | undefined;
  private switching_ = false;
  private refreshing_ = Promise.resolve();

  constructor(private readonly options_: FlowOptions) {
    this.state_ = { ...initialState, unsupported: options_.unsupported };
    for (const source of options_.sources) source.watch(() => void this.refresh());
  }

  get state(): State {
    return this.state_;
  }

  /** Looks which devices are there, and connects the one that is expected. Runs one at a time. */
  refresh(): Promise<void> {
    this.refreshing_ = this.refreshing_.then(async () => {
      const lists = await Promise.all(this.options_.sources.map((source) => source.list()));
      const available = lists.flat();
      this.set({ available });
      const shunned = this.shunned_;
      if (shunned && !available.some((one) => sameDevice(one, shunned))) this.shunned_ = undefined;
      if (this.state_.device || this.state_.connecting) return;
      const next = available.find(
        (one) => this.expected_(one) && !(this.shunned_ && sameDevice(one, this.shunned_)),
      );
      if (next) await this.connect(next, PATIENT_ATTEMPTS);
    });
    return this.refreshing_;
  }

  /** From now on these devices connect by themselves; one that is there now does so at once. */
  async follow(expected: (handle: DeviceHandle) => boolean): Promise<void> {
    await this.disconnect();
    this.expected_ = expected;
    this.shunned_ = undefined;
    await this.refresh();
  }

  /** Connects the device that a person chose. */
  async choose(handle: DeviceHandle): Promise<void> {
    const resume = this.resume_;
    await this.disconnect();
    this.resume_ = resume;
    this.shunned_ = undefined;
    this.expected_ = (one) => sameDevice(one, handle);
    await this.connect(handle, CLICK_ATTEMPTS);
  }

  /** Gives the device free, and leaves it alone until it is plugged in again or chosen. */
  async disconnect(): Promise<void> {
    const { device } = this.state_;
    const transport = this.transport_;
    this.resume_ = undefined;
    if (!device) return;
    this.shunned_ = device.handle;
    this.drop();
    await transport?.close();
  }

  /** Another alternate setting of the connected device: another part of its memory. */
  async useTarget(target: DfuTarget): Promise<void> {
    const { device, job } = this.state_;
    const transport = this.transport_;
    if (!device || !transport || job || device.target === target) return;
    const { configuration, interfaceNumber, alternate } = target.interface;
    try {
      await transport.select(configuration, interfaceNumber, alternate);
      // What was measured belongs to the other setting.
      const { handle, facts, layout } = device;
      this.set({ device: { handle, facts, layout, target }, outcome: undefined });
      this.judge();
    } catch (error) {
      this.report(error);
    }
  }

  chooseFile(name: string, content: Uint8Array): void {
    this.resume_ = undefined;
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

  forgetFile(): void {
    this.resume_ = undefined;
    this.set({ image: undefined, imageProblem: undefined, verdict: undefined, outcome: undefined });
  }

  async write(): Promise<void> {
    const { image, verdict, device } = this.state_;
    if (!image || !device || !verdict || verdict.kind === 'refused') return;
    this.resume_ ??= { image, handle: device.handle, left: RESUME_LIMIT, waiting: false };
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
    this.resume_ = undefined;
    this.stop_.abort();
    if (this.state_.outcome?.kind === 'interrupted') this.set({ outcome: undefined });
  }

  /** A problem from outside the flow, such as a chooser that failed. */
  report(error: unknown): void {
    this.set({ outcome: { kind: 'problem', about: 'device', ...this.explain(error) } });
  }

  private async connect(handle: DeviceHandle, attempts: number): Promise<void> {
    if (this.state_.unsupported && handle.kind === 'usb') return;
    this.set({ connecting: true });
    try {
      const connection = await connect(handle, { attempts, sleep: this.sleep, log: this.options_.log });
      if (connection.kind === 'ready') this.adopt(connection.transport, connection.device);
      else if (connection.kind === 'switching') this.awaitBootloader(handle);
      else this.reject(handle, connection.why);
    } catch (error) {
      // A device that came and went while it was looked at is no problem of the person's.
      if (error instanceof UsbFault && error.kind === 'gone') this.options_.log(error.message);
      else this.reject(handle, this.explain(error, handle));
    } finally {
      this.set({ connecting: false });
    }
    // Not awaited: a write takes long, and the bus goes on being watched meanwhile.
    void this.takeUp();
  }

  private adopt(transport: DfuTransport, device: ConnectedDevice): void {
    this.transport_ = transport;
    const keep = this.state_.outcome?.kind === 'done' && !this.switching_ ? this.state_.outcome : undefined;
    this.switching_ = false;
    this.set({ device, outcome: keep });
    this.judge();
    void transport.gone.then(() => {
      if (this.transport_ !== transport) return;
      this.options_.log('the device left the bus');
      this.drop();
      void this.refresh();
    });
  }

  private awaitBootloader(handle: DeviceHandle): void {
    if (this.switching_) {
      this.switching_ = false;
      this.reject(handle, {
        title: 'The application keeps its device',
        cause: 'It was asked for its bootloader and came back as itself.',
        next: 'Hold the bootloader button (Blue Pill: BOOT1 at 1) and press reset.',
      });
      return;
    }
    this.switching_ = true;
    this.expected_ = (one) => one.vendorId === handle.vendorId;
    const text = 'If it does not appear by itself within seconds, press Connect and choose it: it may have a new name.';
    this.set({ outcome: { kind: 'done', about: 'device', title: 'The device changes into its bootloader', text } });
  }

  private reject(handle: DeviceHandle, why: Explanation): void {
    this.shunned_ = handle;
    this.options_.log(`${why.title}: ${why.cause}`);
    this.set({ outcome: { kind: 'problem', about: 'device', ...why } });
  }

  private drop(): void {
    this.transport_ = undefined;
    this.set({ device: undefined, verdict: undefined });
  }

  /** Goes on with a write that was cut off; the bootloader skips the pages that it already has. */
  private async takeUp(): Promise<void> {
    const { device, job } = this.state_;
    if (!this.resume_?.waiting || !device || job || !sameDevice(this.resume_.handle, device.handle)) return;
    this.resume_.left--;
    this.resume_.waiting = false;
    this.options_.log('the device is back: going on');
    await this.write();
  }

  private async run(kind: JobKind, work: (context: JobContext) => Promise<Done>): Promise<void> {
    const { device } = this.state_;
    const transport = this.transport_;
    if (!device || !transport || this.state_.job) return;
    this.stop_ = new AbortController();
    const idle = { kind, step: 'Getting ready', done: 0, total: undefined, rate: undefined };
    this.set({ job: idle, outcome: undefined });
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
      const done = await work(context);
      this.resume_ = undefined;
      this.options_.log(done.outcome.title);
      this.finish(device, done);
    } catch (error) {
      this.fail(kind, device, transport, error);
    }
    // The device may have left and come back while the job was ending.
    void this.refresh().then(() => this.takeUp());
  }

  private finish(device: ConnectedDevice, done: Done): void {
    if (done.saved && done.saved.length > 0) {
      this.options_.saveFile(`${device.facts.serial || 'device'}-application.bin`, done.saved);
    }
    const current = this.state_.device;
    const measured =
      current && done.capacity !== undefined ? { device: { ...current, capacity: done.capacity } } : {};
    this.set({ job: undefined, outcome: done.outcome, ...measured });
    if (done.capacity !== undefined) this.judge();
  }

  private fail(kind: JobKind, device: ConnectedDevice, transport: DfuTransport, error: unknown): void {
    this.options_.log(error instanceof Error ? error.message : String(error));
    const gone = error instanceof UsbFault && (error.kind === 'gone' || this.transport_ !== transport);
    if (kind === 'write' && gone && this.resume_ && this.resume_.left > 0) {
      this.resume_.waiting = true;
      this.set({
        job: undefined,
        outcome: {
          kind: 'interrupted',
          title: 'The cable came out',
          cause: 'The update is not finished. Nothing is lost: the bootloader waits for the rest.',
          next: 'Plug the device in again, and it goes on by itself. If it does not appear, press Connect.',
        },
      });
      return;
    }
    this.resume_ = undefined;
    this.set({ job: undefined, outcome: { kind: 'problem', ...this.explain(error, device.handle) } });
  }

  private judge(): void {
    const { image, device } = this.state_;
    this.set({ verdict: image && device ? judge(image, jobs.destinationOf(device)) : undefined });
  }

  private explain(error: unknown, handle?: DeviceHandle): Explanation {
    const ids = handle ? { vendorId: handle.vendorId, productId: handle.productId } : {};
    return explain(error, { platform: this.options_.platform, ...ids });
  }

  private readonly sleep = (milliseconds: number): Promise<void> =>
    this.options_.sleep
      ? this.options_.sleep(milliseconds)
      : new Promise((resolve) => setTimeout(resolve, milliseconds));

  private set(change: Partial<State>): void {
    this.state_ = { ...this.state_, ...change };
    if (change.device) this.state_ = { ...this.state_, known: change.device };
    this.options_.render(this.state_);
  }
}
