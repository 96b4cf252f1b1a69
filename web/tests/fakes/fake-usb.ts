// SPDX-License-Identifier: ISC
// navigator.usb with a fake device behind it. It keeps WebUSB's rules where pages fall over them: a device must be
// opened, its interface claimed and permitted.

import { FakeDevice } from './fake-device.ts';
import type { FakeOptions, Misbehaviour } from './fake-device.ts';

export interface FakeUsbOptions {
  device?: FakeOptions;
  misbehaviour?: Misbehaviour;
  /** Permitted in an earlier visit. */
  permitted?: boolean;
  plugged?: boolean;
  /** Asked to detach, the application comes back as this bootloader, this many milliseconds later. */
  bootloader?: { device: FakeOptions; after: number };
  /** getDevices() and requestDevice() are refused, as in an iframe without permission. */
  forbidden?: boolean;
  /** The person closes the chooser. */
  chooserClosed?: boolean;
  /** More boards, permitted and plugged in. */
  others?: FakeOptions[];
  openError?: { name: string; message: string };
  claimError?: { name: string; message: string };
}

/** How long after a failed transfer Chromium tells that the device is gone, measured. */
const GOODBYE_MS = 295;

export class FakeUsbDevice {
  opened = false;
  /** The browser has told that it is gone; until then, its transfers fail for no reason that the page could know. */
  told = false;
  configuration: unknown = null;
  /** The person took the permission back. */
  forgotten = false;
  private claimed_ = false;

  constructor(
    readonly device: FakeDevice,
    private readonly options_: FakeUsbOptions,
  ) {}

  get vendorId(): number {
    return this.device.options.vendorId;
  }
  get productId(): number {
    return this.device.options.productId;
  }
  get productName(): string {
    return this.device.options.product;
  }
  get serialNumber(): string {
    return this.device.options.serial;
  }
  get deviceVersionMajor(): number {
    return this.device.options.release >> 8;
  }
  get deviceVersionMinor(): number {
    return (this.device.options.release >> 4) & 15;
  }
  get deviceVersionSubminor(): number {
    return this.device.options.release & 15;
  }
  get configurations(): unknown[] {
    const { alternates, protocol, interfaceClass } = this.device.options;
    const list = alternates.map((alternateSetting) => ({
      alternateSetting,
      interfaceClass,
      interfaceSubclass: 1,
      interfaceProtocol: protocol,
    }));
    return [{ configurationValue: 1, interfaces: [{ interfaceNumber: 0, alternates: list }] }];
  }

  async open(): Promise<void> {
    this.present();
    if (this.options_.openError) throw domError(this.options_.openError);
    this.opened = true;
    this.configuration = this.configurations[0];
    await Promise.resolve();
  }
  async close(): Promise<void> {
    this.opened = false;
    this.claimed_ = false;
    await Promise.resolve();
  }
  async forget(): Promise<void> {
    if (this.opened) throw domError({ name: 'InvalidStateError', message: 'A page closes before it forgets.' });
    await Promise.resolve();
    this.forgotten = true;
  }
  async selectConfiguration(): Promise<void> {
    await Promise.resolve();
    this.configuration = this.configurations[0];
  }
  async claimInterface(): Promise<void> {
    await Promise.resolve();
    if (this.options_.claimError) throw domError(this.options_.claimError);
    this.claimed_ = true;
  }
  async selectAlternateInterface(number: number, alternate: number): Promise<void> {
    this.usable();
    await Promise.resolve();
    const reply = this.device.control(1, 11, alternate, number, new Uint8Array());
    if (reply.kind !== 'ok') throw domError({ name: 'NetworkError', message: 'Unable to set device interface.' });
  }
  async reset(): Promise<void> {
    await Promise.resolve();
    this.device.reset();
  }

  async controlTransferIn(setup: USBControlTransferParameters, length: number): Promise<USBInTransferResult> {
    const reply = await this.transfer(setup, 0x80, length);
    if (reply.kind === 'stall') return { status: 'stall' } as USBInTransferResult;
    return { status: 'ok', data: new DataView(reply.data.slice().buffer) } as USBInTransferResult;
  }
  async controlTransferOut(setup: USBControlTransferParameters, data?: BufferSource): Promise<USBOutTransferResult> {
    const bytes = data ? new Uint8Array(data as ArrayBuffer).slice() : new Uint8Array();
    const reply = await this.transfer(setup, 0, bytes);
    const status = reply.kind === 'stall' ? 'stall' : 'ok';
    return { status, bytesWritten: status === 'ok' ? bytes.length : 0 } as USBOutTransferResult;
  }

  private async transfer(setup: USBControlTransferParameters, direction: number, data: Uint8Array | number) {
    this.usable(setup.recipient);
    await new Promise((resolve) => setTimeout(resolve, 1)); // a transfer takes a frame
    const type = direction | { standard: 0, class: 0x20, vendor: 0x40 }[setup.requestType];
    const recipient = setup.recipient === 'interface' ? 1 : 0;
    const reply = this.device.control(type | recipient, setup.request, setup.value, setup.index, data);
    if (reply.kind === 'gone') throw domError({ name: 'NetworkError', message: 'A transfer error has occurred.' });
    return reply;
  }

  private present(): void {
    if (!this.device.attached && !this.told) {
      throw domError({ name: 'NetworkError', message: 'A transfer error has occurred.' });
    }
    if (!this.device.attached) {
      throw domError({ name: 'NotFoundError', message: 'The device was disconnected.' });
    }
  }
  private usable(recipient = 'interface'): void {
    this.present();
    if (!this.opened) throw domError({ name: 'InvalidStateError', message: 'The device must be opened first.' });
    if (recipient === 'interface' && !this.claimed_) {
      throw domError({ name: 'NotFoundError', message: 'The specified interface has not been claimed.' });
    }
  }
}

const policy = { name: 'SecurityError', message: 'Access to the feature "usb" is disallowed by permissions policy.' };

export class FakeUsb extends EventTarget {
  device: FakeDevice;
  private readonly others_: readonly FakeUsbDevice[];
  private current_: FakeUsbDevice;
  private permitted_: boolean;

  constructor(private readonly options_: FakeUsbOptions) {
    super();
    this.device = new FakeDevice(options_.device);
    this.device.misbehaviour = options_.misbehaviour ?? {};
    this.device.attached = options_.plugged ?? true;
    this.permitted_ = options_.permitted ?? false;
    this.current_ = new FakeUsbDevice(this.device, options_);
    this.others_ = (options_.others ?? []).map((one) => new FakeUsbDevice(new FakeDevice(one), options_));
    this.watchLeaving();
  }

  getDevices(): Promise<FakeUsbDevice[]> {
    if (this.options_.forbidden) return Promise.reject(domError(policy));
    const here = this.permitted_ && this.device.attached ? [this.current_, ...this.others_] : [...this.others_];
    return Promise.resolve(here.filter((one) => !one.forgotten));
  }
  /** The chooser shows what a filter lets through; this person takes what is there, or closes it. */
  requestDevice({ filters }: { filters: USBDeviceFilter[] }): Promise<FakeUsbDevice> {
    if (this.options_.forbidden) return Promise.reject(domError(policy));
    const shown = this.device.attached && filters.some((filter) => this.passes(filter));
    if (this.options_.chooserClosed || !shown) {
      return Promise.reject(domError({ name: 'NotFoundError', message: 'No device selected.' }));
    }
    this.permitted_ = true;
    return Promise.resolve(this.current_);
  }

  private passes(filter: USBDeviceFilter): boolean {
    const { vendorId, productId, interfaceClass, protocol } = this.device.options;
    const fits = (wanted: number | undefined, value: number): boolean => wanted === undefined || wanted === value;
    return (
      fits(filter.vendorId, vendorId) &&
      fits(filter.productId, productId) &&
      fits(filter.classCode, interfaceClass) &&
      fits(filter.subclassCode, 1) &&
      fits(filter.protocolCode, protocol)
    );
  }

  /** What a hand does with the cable. */
  unplug(): void {
    this.device.leave();
  }
  plug(): void {
    this.device.replug();
    this.current_ = new FakeUsbDevice(this.device, this.options_);
    this.watchLeaving();
    this.tell('connect', this.current_);
  }

  private becomeBootloader({ device, after }: NonNullable<FakeUsbOptions['bootloader']>): void {
    setTimeout(() => {
      this.device = new FakeDevice(device);
      this.current_ = new FakeUsbDevice(this.device, this.options_);
      this.watchLeaving();
      this.tell('connect', this.current_);
    }, GOODBYE_MS + after);
  }

  private watchLeaving(): void {
    const leaving = this.current_;
    const { bootloader } = this.options_;
    if (bootloader && this.device.options.protocol === 1) this.device.onLeave(() => this.becomeBootloader(bootloader));
    this.device.onLeave(() =>
      setTimeout(() => {
        leaving.told = true;
        this.tell('disconnect', leaving);
      }, GOODBYE_MS),
    );
  }
  private tell(type: string, device: FakeUsbDevice): void {
    this.dispatchEvent(Object.assign(new Event(type), { device }));
  }
}

function domError(error: { name: string; message: string }): DOMException {
  return new DOMException(error.message, error.name);
}
