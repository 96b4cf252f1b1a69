// SPDX-License-Identifier: ISC
// The flasher's transport in front of a fake device, and a source that offers such devices. Time is counted, not
// spent: tests of a device that is busy for a minute take a millisecond.

import type { DeviceHandle, DeviceSource, DfuTransport, FaultKind, Setup } from '../../src/usb/transport.ts';
import { UsbFault, ownSerial } from '../../src/usb/transport.ts';
import type { FakeDevice } from './fake-device.ts';

const typeBits = { standard: 0, class: 0x20, vendor: 0x40 } as const;

export class FakeTransport implements DfuTransport {
  readonly gone: Promise<void>;
  /** Faults that the next calls of open() and select() end in. */
  openFaults: FaultKind[] = [];
  claimFault: FaultKind | undefined;
  opened = false;
  private readonly device_: FakeDevice;

  constructor(device: FakeDevice) {
    this.device_ = device;
    this.gone = new Promise((resolve) => device.onLeave(() => void late().then(resolve)));
  }

  open(): Promise<void> {
    const fault = this.openFaults.shift();
    if (fault) return Promise.reject(new UsbFault(fault, 'opening the device', 'Access denied.'));
    if (!this.device_.attached) return Promise.reject(new UsbFault('gone', 'opening the device'));
    this.opened = true;
    return Promise.resolve();
  }

  async select(_configuration: number, interfaceNumber: number, alternate: number): Promise<void> {
    if (this.claimFault) throw new UsbFault(this.claimFault, 'claiming the interface');
    this.answer('SET_INTERFACE', this.device_.control(0x01, 11, alternate, interfaceNumber, new Uint8Array()));
  }

  async controlIn(setup: Setup, length: number): Promise<Uint8Array> {
    await Promise.resolve();
    const type = 0x80 | typeBits[setup.type] | (setup.recipient === 'interface' ? 1 : 0);
    return this.answer(
      `request ${setup.request}`,
      this.device_.control(type, setup.request, setup.value, setup.index, length),
    );
  }

  async controlOut(setup: Setup, data: Uint8Array = new Uint8Array()): Promise<void> {
    await Promise.resolve();
    const type = typeBits[setup.type] | (setup.recipient === 'interface' ? 1 : 0);
    this.answer(`request ${setup.request}`, this.device_.control(type, setup.request, setup.value, setup.index, data));
  }

  async reset(): Promise<void> {
    this.device_.reset();
    await Promise.resolve();
  }

  close(): Promise<void> {
    this.opened = false;
    return Promise.resolve();
  }

  private answer(action: string, reply: ReturnType<FakeDevice['control']>): Uint8Array {
    if (reply.kind === 'ok') return reply.data;
    throw new UsbFault(reply.kind, action);
  }
}

/** The news that a device is gone comes well behind the transfer that failed. */
async function late(): Promise<void> {
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Virtual milliseconds. */
export class FakeClock {
  time = 0;
  private timers_: { at: number; act: () => void }[] = [];
  readonly now = (): number => this.time;
  readonly after = (milliseconds: number, act: () => void): void => {
    this.timers_.push({ at: this.time + milliseconds, act });
  };
  /** Lets timers ring that this long brings about. */
  pass(milliseconds: number): void {
    this.time += milliseconds;
    const due = this.timers_.filter((one) => one.at <= this.time);
    this.timers_ = this.timers_.filter((one) => one.at > this.time);
    for (const one of due) one.act();
  }
  readonly sleep = async (milliseconds: number): Promise<void> => {
    this.time += milliseconds;
    await new Promise((resolve) => setImmediate(resolve));
  };
}

/** Offers fake devices as plugged in and permitted. */
export class FakeSource implements DeviceSource {
  openFaults: FaultKind[] = [];
  claimFault: FaultKind | undefined;
  /** What list() ends in, where the browser forbids it. */
  refusal: UsbFault | undefined;
  /** Handles that were forgotten. */
  readonly forgotten: FakeDevice[] = [];
  private readonly watchers_: (() => void)[] = [];

  constructor(readonly devices: FakeDevice[]) {}

  list(): Promise<DeviceHandle[]> {
    if (this.refusal) return Promise.reject(this.refusal);
    return Promise.resolve(this.devices.filter((device) => device.attached).map((device) => this.handle(device)));
  }

  watch(changed: () => void): void {
    this.watchers_.push(changed);
  }

  changed(): void {
    for (const watcher of this.watchers_) watcher();
  }

  handle(device: FakeDevice): DeviceHandle {
    return {
      kind: 'usb',
      vendorId: device.options.vendorId,
      productId: device.options.productId,
      product: device.options.product,
      serial: ownSerial(device.options.serial),
      mode:
        device.options.interfaceClass !== 0xfe ? 'other' : device.options.protocol === 2 ? 'bootloader' : 'application',
      attachment: device.attachment,
      forget: () => {
        this.forgotten.push(device);
        return Promise.resolve();
      },
      connect: () => {
        const transport = new FakeTransport(device);
        transport.openFaults = this.openFaults;
        transport.claimFault = this.claimFault;
        return transport;
      },
    };
  }
}
