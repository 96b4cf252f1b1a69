// SPDX-License-Identifier: ISC
// A serial port for the console, run in the page.

/** A port that greets, and sends back what it gets; `pull` takes it away. */
export function echoingPort(): void {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const say = (text: string): void => controller.enqueue(new TextEncoder().encode(text));
  const port = {
    readable: null as unknown,
    writable: null as unknown,
    opened: undefined as unknown,
    open(options: unknown) {
      port.opened = options;
      port.readable = new ReadableStream({ start: (one) => void (controller = one as never) });
      port.writable = new WritableStream({
        write: (bytes: Uint8Array) => say(`you said ${new TextDecoder().decode(bytes)}`),
      });
      setTimeout(() => say('hello\r\nworld\r\n'), 20);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
    setSignals: () => Promise.resolve(),
    pull() {
      port.readable = null;
      controller.error(new DOMException('The device has been lost.', 'NetworkError'));
    },
  };
  Object.defineProperty(navigator, 'serial', {
    value: { requestPort: () => Promise.resolve(port) },
    configurable: true,
  });
  Object.assign(window, { fakePort: port });
}
