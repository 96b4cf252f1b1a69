// SPDX-License-Identifier: ISC
// The virtual board's side of the transport, against a socket that answers what the test says.

import { expect, test } from 'vitest';
import { isLoopback } from '../../src/usb/find-virtual-boards.ts';
import { BoardLink } from '../../src/usb/board-link.ts';
import type { BoardState, Socket } from '../../src/usb/board-link.ts';
import { VirtualProbe, VirtualSerialLine } from '../../src/install/virtual-adapters.ts';
import { fromHex, toHex } from '../../src/usb/hex.ts';
import { VirtualSource } from '../../src/usb/virtual-usb.ts';

class FakeSocket extends EventTarget {
  readonly sent: Record<string, unknown>[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.dispatchEvent(new Event('close'));
  }
  receive(message: unknown): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}

const board = (attachment: number | undefined): BoardState & { event: string } => ({
  event: 'board',
  name: 'Virtual Blue Pill',
  powered: true,
  boot1: false,
  led: false,
  time: 1,
  device:
    attachment === undefined
      ? null
      : { attachment, vendorId: 0x1209, productId: 0xdb42, product: 'DAPBoot DFU Bootloader', serial: 'A1' },
  halted: '',
});

function setUp() {
  const socket = new FakeSocket();
  const link = new BoardLink(socket as unknown as Socket);
  return { socket, link, source: new VirtualSource([link]) };
}

const GET_STATUS = { type: 'class', recipient: 'interface', request: 3, value: 0, index: 0 } as const;

test('a board offers its device while it has one, and tells when that changes', async () => {
  const { socket, source } = setUp();
  let changes = 0;
  source.watch(() => changes++);
  expect(await source.list()).toEqual([]);
  socket.receive(board(1));
  socket.receive({ ...board(1), led: true });
  expect(changes).toBe(1);
  expect((await source.list())[0]).toMatchObject({ kind: 'virtual', vendorId: 0x1209, serial: 'A1' });
  socket.receive(board(undefined));
  expect(changes).toBe(2);
  expect(await source.list()).toEqual([]);
});

test('control transfers go out as the socket wants them, and their answers come back', async () => {
  const { socket, source } = setUp();
  socket.receive(board(1));
  const transport = (await source.list())[0]!.connect();
  const selecting = transport.select(1, 0, 2);
  socket.receive({ id: 1, result: 'ok' });
  await new Promise((resolve) => setImmediate(resolve));
  socket.receive({ id: 2, result: 'ok' });
  await selecting;
  expect(socket.sent.map((one) => one['setup'])).toEqual([
    [0, 9, 1, 0],
    [1, 11, 2, 0],
  ]);

  const asking = transport.controlIn(GET_STATUS, 6);
  expect(socket.sent.at(-1)).toMatchObject({ do: 'control-in', setup: [0xa1, 3, 0, 0], length: 6 });
  socket.receive({ id: 3, result: 'ok', data: '000000000200' });
  expect(await asking).toEqual(Uint8Array.of(0, 0, 0, 0, 2, 0));

  const refused = transport.controlOut({ ...GET_STATUS, request: 1 }, Uint8Array.of(0xab, 1));
  expect(socket.sent.at(-1)).toMatchObject({ do: 'control-out', setup: [0x21, 1, 0, 0], data: 'ab01' });
  socket.receive({ id: 4, result: 'stall' });
  await expect(refused).rejects.toMatchObject({ kind: 'stall' });
});

test('requests of a device that has left do not reach the one that came after it', async () => {
  const { socket, source } = setUp();
  socket.receive(board(1));
  const transport = (await source.list())[0]!.connect();
  socket.receive(board(2));
  await transport.gone;
  await expect(transport.controlIn(GET_STATUS, 6)).rejects.toMatchObject({ kind: 'gone' });
  await transport.close();
  expect(socket.sent).toEqual([]);
});

test('a server that ends leaves nobody waiting; what makes no sense is passed over', async () => {
  const { socket, link } = setUp();
  for (const noise of ['', '{', '7', 'null', '{"id": 99, "result": "ok"}']) socket.receive(noise);
  expect(link.state).toBeUndefined();
  const asking = link.ask({ do: 'open' });
  socket.close();
  await expect(asking).rejects.toMatchObject({ kind: 'gone' });
  await expect(link.ask({ do: 'open' })).rejects.toMatchObject({ kind: 'gone' });
});

test('a virtual serial line: what came before the question is no answer to it; silence and an ended server are told', async () => {
  const { socket, link } = setUp();
  const line = new VirtualSerialLine(link);
  const opening = line.open(115_200);
  expect(socket.sent.at(-1)).toMatchObject({ do: 'serial-open', baud: 115_200 });
  socket.receive({ id: 1, result: 'ok' });
  await opening;
  socket.receive({ event: 'serial', data: 'ff' });
  const writing = line.write(Uint8Array.of(0x7f));
  expect(socket.sent.at(-1)).toMatchObject({ do: 'serial-write', data: '7f' });
  socket.receive({ id: 2, result: 'ok' });
  await writing;
  const reading = line.read(2, 1000);
  socket.receive({ event: 'serial', data: '79' });
  socket.receive({ event: 'serial', data: '1f79' });
  expect(await reading).toEqual(Uint8Array.of(0x79, 0x1f));
  expect(await line.read(1, 1000)).toEqual(Uint8Array.of(0x79));
  await expect(line.read(1, 5)).rejects.toMatchObject({ kind: 'silent' });
  const waiting = line.read(1, 1000);
  socket.close();
  await expect(waiting).rejects.toMatchObject({ kind: 'gone' });
});

test.each([
  ['busy', 'busy'],
  ['timeout', 'silent'],
  ['failed', 'failed'],
] as const)('a virtual probe: %s of the socket is %s of the way', async (result, kind) => {
  const { socket, link } = setUp();
  const probe = new VirtualProbe(link);
  const asking = probe.receive(6);
  expect(socket.sent.at(-1)).toMatchObject({ do: 'probe-receive', length: 6 });
  socket.receive({ id: 1, result, detail: 'why' });
  await expect(asking).rejects.toMatchObject({ kind, detail: 'why' });
});

test('a virtual probe: an answer that is too short is none', async () => {
  const { socket, link } = setUp();
  const asking = new VirtualProbe(link).receive(6);
  socket.receive({ id: 1, result: 'ok', data: '2947' });
  await expect(asking).rejects.toMatchObject({ kind: 'failed' });
});

test('boards are looked for on this computer only', () => {
  for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])
    expect(isLoopback(host)).toBe(true);
  for (const host of ['example.com', 'localhost.example.com', '10.0.0.1', '127.0.0.1.example.com', '']) {
    expect(isLoopback(host)).toBe(false);
  }
});

test('bytes as hexadecimal digits', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(fromHex(toHex(bytes))).toEqual(bytes);
  expect(toHex(Uint8Array.of(0, 0xff))).toBe('00ff');
});
