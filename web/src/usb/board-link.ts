// SPDX-License-Identifier: ISC
// The line to one virtual board: JSON messages over a WebSocket (docs/virtual-board-socket.md).

import { fromHex } from './hex.ts';
import { UsbFault } from './transport.ts';
import type { FaultKind } from './transport.ts';

/** The USB device that a board's program presents, as the host has enumerated it. */
export interface BoardDevice {
  /** Another number each time a device attaches. */
  readonly attachment: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly product: string;
  readonly serial: string;
}

export interface BoardState {
  readonly name: string;
  readonly powered: boolean;
  readonly boot1: boolean;
  readonly led: boolean;
  /** Virtual seconds since the board was made. */
  readonly time: number;
  readonly device: BoardDevice | null;
  /** Why the chip has halted, when it has: a sentence. */
  readonly halted: string;
}

export type BoardAction =
  | { readonly do: 'open' | 'close' | 'bus-reset' | 'press-reset' }
  | { readonly do: 'serial-open'; readonly baud: number }
  | { readonly do: 'serial-write' | 'probe-send'; readonly data: string }
  | { readonly do: 'probe-receive'; readonly length: number }
  | { readonly do: 'serial-close' | 'probe-open' | 'probe-close' }
  | { readonly do: 'boot1' | 'power'; readonly value: boolean }
  | { readonly do: 'control-in'; readonly setup: readonly number[]; readonly length: number }
  | { readonly do: 'control-out'; readonly setup: readonly number[]; readonly data: string };

/** What the server answers; `data` in hexadecimal digits. */
interface Answer {
  readonly id: number;
  readonly result: 'ok' | FaultKind;
  readonly data?: string;
  readonly detail?: string;
}

/** What a WebSocket is to this file; tests bring their own. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'addEventListener'>;

interface Waiting {
  readonly action: string;
  resolve(data: string): void;
  reject(fault: UsbFault): void;
}

export class BoardLink {
  state: BoardState | undefined;
  private readonly watchers_ = new Set<(state: BoardState | undefined) => void>();
  private readonly listeners_ = new Set<(bytes: Uint8Array) => void>();
  private readonly waiting_ = new Map<number, Waiting>();
  private lastId_ = 0;
  private closed_ = false;

  /** `adapters`: the board came blank, with a USB-serial adapter and an ST-Link at its pins. */
  constructor(
    private readonly socket_: Socket,
    readonly adapters = false,
  ) {
    socket_.addEventListener('message', (event) => this.receive((event as MessageEvent).data));
    socket_.addEventListener('close', () => this.lost());
  }

  /** Calls back with every new state; with undefined when the server is gone. */
  watch(watcher: (state: BoardState | undefined) => void): () => void {
    this.watchers_.add(watcher);
    return () => this.watchers_.delete(watcher);
  }

  /** Calls back with what the chip sends over its serial line. */
  onSerial(listener: (bytes: Uint8Array) => void): () => void {
    this.listeners_.add(listener);
    return () => this.listeners_.delete(listener);
  }

  /** The answer's data in hexadecimal digits; throws UsbFault. */
  ask(action: BoardAction): Promise<string> {
    if (this.closed_) return Promise.reject(new UsbFault('gone', action.do, 'the server of the virtual board ended'));
    const id = ++this.lastId_;
    return new Promise((resolve, reject) => {
      this.waiting_.set(id, { action: action.do, resolve, reject });
      this.socket_.send(JSON.stringify({ id, ...action }));
    });
  }

  private receive(text: unknown): void {
    const message = parse(text);
    if (!message) return;
    if (message['event'] === 'serial') {
      const bytes = fromHex(String(message['data']));
      for (const listener of [...this.listeners_]) listener(bytes);
      return;
    }
    if ('event' in message) {
      this.state = message as unknown as BoardState;
      this.announce();
      return;
    }
    const answer = message as unknown as Answer;
    const waiting = this.waiting_.get(answer.id);
    if (!waiting) return;
    this.waiting_.delete(answer.id);
    if (answer.result === 'ok') waiting.resolve(answer.data ?? '');
    else waiting.reject(new UsbFault(answer.result, waiting.action, answer.detail));
  }

  private lost(): void {
    this.closed_ = true;
    this.state = undefined;
    for (const one of this.waiting_.values()) {
      one.reject(new UsbFault('gone', one.action, 'the server of the virtual board ended'));
    }
    this.waiting_.clear();
    this.announce();
  }

  private announce(): void {
    for (const watcher of [...this.watchers_]) watcher(this.state);
  }
}

function parse(text: unknown): Record<string, unknown> | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
