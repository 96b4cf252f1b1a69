// SPDX-License-Identifier: ISC
// The transport over the browser's WebUSB, and the devices that a person has permitted.

import { UsbFault, ownSerial } from './transport.ts';
import type { DeviceHandle, DeviceSource, DfuTransport, FaultKind, Mode, Setup } from './transport.ts';

/** dapboot by its ids, and whatever says that it speaks DFU: protocol 2 in DFU mode, 1 in an application. */
const FILTERS: USBDeviceFilter[] = [
  { vendorId: 0x1209, productId: 0xdb42 },
  { classCode: 0xfe, subclassCode: 0x01, protocolCode: 0x02 },
  { classCode: 0xfe, subclassCode: 0x01, protocolCode: 0x01 },
];

/** A device that is there and silent would block the page for good; browsers have no limit of their own. */
const TRANSFER_LIMIT_MS = 10_000;
/** Opening may ask the person (Android does), who may be looking for their glasses. */
const OPEN_LIMIT_MS = 120_000;
/** Chromium reports a failed transfer some 300 ms before it tells that the device is gone. */
const GOODBYE_LIMIT_MS = 2_000;

const ASKING = 'asking for devices';
const CLAIMING = 'claiming the interface';

export class WebUsbSource implements DeviceSource {
  constructor(private readonly usb_: USB) {}

  async list(): Promise<DeviceHandle[]> {
    try {
      const devices = await this.usb_.getDevices();
      return devices.map((device) => handle(this.usb_, device)).filter((one) => one.mode !== 'other' || isOurs(one));
    } catch (error) {
      throw faultOf(error, ASKING);
    }
  }

  /** Opens the browser's chooser, which needs a click; undefined when the person closes it. */
  async request(filters: readonly USBDeviceFilter[] = FILTERS): Promise<DeviceHandle | undefined> {
    try {
      return handle(this.usb_, await this.usb_.requestDevice({ filters: [...filters] }));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
      throw faultOf(error, ASKING);
    }
  }

  watch(changed: () => void): void {
    this.usb_.addEventListener('connect', changed);
    this.usb_.addEventListener('disconnect', changed);
  }
}

function isOurs(device: { readonly vendorId: number; readonly productId: number }): boolean {
  return device.vendorId === 0x1209 && device.productId === 0xdb42;
}

/** A bootloader's interface counts before an application's: STM32duino's has both in one configuration. */
function modeOf(device: USBDevice): Mode {
  const protocols = device.configurations
    .flatMap((configuration) => configuration.interfaces.flatMap((one) => one.alternates))
    .filter((alternate) => alternate.interfaceClass === 0xfe && alternate.interfaceSubclass === 1)
    .map((alternate) => alternate.interfaceProtocol);
  if (protocols.includes(2)) return 'bootloader';
  return protocols.length > 0 ? 'application' : 'other';
}

function handle(usb: USB, device: USBDevice): DeviceHandle {
  return {
    kind: 'usb',
    vendorId: device.vendorId,
    productId: device.productId,
    product: device.productName ?? '',
    serial: ownSerial(device.serialNumber ?? ''),
    version: `${device.deviceVersionMajor}.${device.deviceVersionMinor}.${device.deviceVersionSubminor}`,
    mode: modeOf(device),
    attachment: device,
    connect: () => new WebUsbTransport(usb, device),
    // Older browsers have no forget(), whatever the types say.
    ...('forget' in device ? { forget: () => device.forget() } : {}),
  };
}

export class WebUsbTransport implements DfuTransport {
  readonly gone: Promise<void>;
  private left_ = false;

  constructor(
    usb: USB,
    private readonly device_: USBDevice,
  ) {
    this.gone = new Promise((resolve) => {
      const listener = (event: USBConnectionEvent): void => {
        if (event.device !== device_) return;
        usb.removeEventListener('disconnect', listener);
        this.left_ = true;
        resolve();
      };
      usb.addEventListener('disconnect', listener);
    });
  }

  open(): Promise<void> {
    return this.guard('opening the device', () => this.device_.open(), OPEN_LIMIT_MS);
  }

  async select(configuration: number, interfaceNumber: number, alternate: number): Promise<void> {
    if (this.device_.configuration?.configurationValue !== configuration) {
      await this.guard('SET_CONFIGURATION', () => this.device_.selectConfiguration(configuration));
    }
    await this.guard(CLAIMING, () => this.device_.claimInterface(interfaceNumber));
    // A device with one alternate setting 0 may stall SET_INTERFACE (USB 2.0 section 9.4.10) and has no need of it.
    const interfaces = this.device_.configuration?.interfaces ?? [];
    const choices = interfaces.find((one) => one.interfaceNumber === interfaceNumber)?.alternates.length ?? 1;
    if (alternate === 0 && choices < 2) return;
    await this.guard('SET_INTERFACE', () => this.device_.selectAlternateInterface(interfaceNumber, alternate));
  }

  async controlIn(setup: Setup, length: number): Promise<Uint8Array> {
    const action = describe(setup, 'in');
    const result = await this.guard(action, () => this.device_.controlTransferIn(parameters(setup), length));
    if (result.status !== 'ok' || !result.data) {
      throw new UsbFault(result.status === 'stall' ? 'stall' : 'failed', action, result.status);
    }
    return new Uint8Array(result.data.buffer, result.data.byteOffset, result.data.byteLength);
  }

  async controlOut(setup: Setup, data?: Uint8Array): Promise<void> {
    const action = describe(setup, 'out');
    // A copy: the image may be a view of a larger buffer, and browsers want the bytes to themselves.
    const payload = data ? new Uint8Array(data) : undefined;
    const result = await this.guard(action, () => this.device_.controlTransferOut(parameters(setup), payload));
    if (result.status !== 'ok') throw new UsbFault(result.status === 'stall' ? 'stall' : 'failed', action);
    if (data && result.bytesWritten !== data.length) {
      throw new UsbFault('failed', action, `${result.bytesWritten} of ${data.length} bytes were taken`);
    }
  }

  reset(): Promise<void> {
    return this.guard('USB reset', () => this.device_.reset());
  }

  async close(): Promise<void> {
    if (this.left_ || !this.device_.opened) return;
    await this.guard('closing the device', () => this.device_.close()).catch(() => undefined);
  }

  private async guard<T>(action: string, attempt: () => Promise<T>, patience = TRANSFER_LIMIT_MS): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new UsbFault('timeout', action)), patience);
    });
    try {
      return await Promise.race([attempt(), limit]);
    } catch (error) {
      const fault = faultOf(error, action);
      const mayBeGone = fault.kind === 'failed' || fault.kind === 'busy';
      if (mayBeGone && action !== CLAIMING) await this.awaitGoodbye();
      throw this.left_ ? new UsbFault('gone', action) : fault;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A failed transfer may be the first sign of a pulled cable; the event that says so comes later. */
  private async awaitGoodbye(): Promise<void> {
    if (this.left_) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.gone, new Promise((resolve) => (timer = setTimeout(resolve, GOODBYE_LIMIT_MS)))]);
    clearTimeout(timer);
  }
}

function parameters(setup: Setup): USBControlTransferParameters {
  return {
    requestType: setup.type,
    recipient: setup.recipient,
    request: setup.request,
    value: setup.value,
    index: setup.index,
  };
}

function describe(setup: Setup, direction: 'in' | 'out'): string {
  return `${setup.type} request ${setup.request} ${direction}, value ${setup.value}`;
}

/** The names and messages are those that Chromium gives on Linux, Windows, macOS and Android. */
export function faultOf(error: unknown, action: string): UsbFault {
  if (error instanceof UsbFault) return error;
  if (!(error instanceof Error)) return new UsbFault('failed', action, String(error));
  return new UsbFault(kindOf(error, action), action, error.message);
}

function kindOf(error: Error, action: string): FaultKind {
  const message = error.message.toLowerCase();
  if (error.name === 'NotFoundError' || message.includes('disconnected') || message.includes('no device'))
    return 'gone';
  if (action === ASKING && error.name === 'SecurityError') return 'forbidden';
  if (message.includes('access denied') || error.name === 'SecurityError') return 'denied';
  if (message.includes('unable to claim') || message.includes('busy') || message.includes('in use')) return 'busy';
  if (action === CLAIMING || error.name === 'InvalidStateError') return 'busy';
  return 'failed';
}
