// SPDX-License-Identifier: ISC
// A serial console for applications that are CDC devices: what they say, with the time if wanted, and a line to answer.

import { WayError } from '../install/line.ts';
import { explainWay } from '../install/explain-way.ts';
import { requestPort, serialOf } from '../install/web-serial.ts';
import type { SerialPortLike } from '../install/web-serial.ts';
import { texts } from '../texts/index.ts';
import { byId, element, setText } from './dom.ts';

const words = texts.console;
const BAUDS = [9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600];
const ENDS = { lf: '\n', cr: '\r', crlf: '\r\n', none: '' } as const;
/** What the console keeps; older text goes. */
const KEPT = 200_000;

export class ConsoleView {
  private port_: SerialPortLike | undefined;
  private reader_: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private atLineStart_ = true;
  private readonly text_ = element('pre', 'terminal');
  private readonly connect_ = button('primary', words.connect);
  private readonly line_ = element('input', '');
  private readonly baud_ = select(
    'console-baud',
    BAUDS.map((one) => [String(one), String(one)]),
  );
  private readonly end_ = select(
    'console-end',
    (Object.keys(ENDS) as (keyof typeof ENDS)[]).map((one) => [one, words.ends[one]]),
  );
  private readonly stamps_ = element('input', '');
  private readonly state_ = element('p', 'hint');

  constructor(saveFile: (name: string, content: Uint8Array) => void) {
    this.connect_.id = 'console-connect';
    this.text_.tabIndex = 0;
    this.text_.id = 'console-text';
    this.text_.dataset['empty'] = words.empty;
    this.text_.setAttribute('role', 'log');
    this.text_.setAttribute('aria-label', words.received);
    this.line_.type = 'text';
    this.line_.id = 'console-line';
    this.line_.setAttribute('aria-label', words.line);
    this.line_.placeholder = words.line;
    this.stamps_.type = 'checkbox';
    this.stamps_.id = 'console-stamps';
    this.state_.setAttribute('role', 'status');
    this.baud_.value = '115200';
    const save = button('quiet', words.save);
    save.id = 'console-save';
    save.addEventListener('click', () =>
      saveFile('console.txt', new TextEncoder().encode(this.text_.textContent ?? '')),
    );
    const clear = button('quiet', words.clear);
    clear.addEventListener('click', () => this.text_.replaceChildren());
    const send = element('form', 'console-send', this.line_, element('button', '', words.send));
    send.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.send();
    });
    this.connect_.addEventListener('click', () => void (this.port_ ? this.close('') : this.open()));
    const stamps = element('label', '', this.stamps_, ` ${words.stamps}`);
    byId('console-mode').append(
      element('h2', 'title', words.title),
      this.connect_,
      this.state_,
      this.text_,
      send,
      element(
        'div',
        'console-options',
        label(words.baud, this.baud_),
        label(words.end, this.end_),
        stamps,
        save,
        clear,
      ),
    );
    this.render();
  }

  private async open(): Promise<void> {
    const serial = serialOf(navigator);
    try {
      const port = serial && (await requestPort(serial));
      if (!port) return;
      await port.open({ baudRate: Number(this.baud_.value) });
      // Many CDC applications wait for a terminal, which says that it is there by DTR.
      await port.setSignals?.({ dataTerminalReady: true });
      this.port_ = port;
      this.render();
      void this.receive(port);
    } catch (error) {
      const why = explainWay(
        error instanceof WayError ? error : new WayError('busy', 'opening', String(error)),
        'serial',
      );
      setText(this.state_, `${why.title}. ${why.next}`);
    }
  }

  private async close(why: string): Promise<void> {
    const port = this.port_;
    this.port_ = undefined;
    await this.reader_?.cancel().catch(() => undefined);
    await port?.close().catch(() => undefined);
    this.render();
    setText(this.state_, why);
  }

  private async receive(port: SerialPortLike): Promise<void> {
    const decoder = new TextDecoder();
    while (this.port_ === port && port.readable) {
      this.reader_ = port.readable.getReader();
      try {
        for (;;) {
          const { value, done } = await this.reader_.read();
          if (done) break;
          this.append(decoder.decode(value, { stream: true }));
        }
      } catch (error) {
        // Noise on the line ends the stream, and a new one begins; a port that left has none.
        if (error instanceof Error && error.name === 'NetworkError') break;
      } finally {
        this.reader_.releaseLock();
      }
    }
    if (this.port_ === port) await this.close(words.gone);
  }

  private append(text: string): void {
    const follow = this.text_.scrollTop + this.text_.clientHeight >= this.text_.scrollHeight - 8;
    let shown = '';
    for (const character of text.replaceAll('\r\n', '\n').replaceAll('\r', '')) {
      if (this.atLineStart_ && this.stamps_.checked) shown += `${new Date().toISOString().slice(11, 23)}  `;
      this.atLineStart_ = character === '\n';
      shown += character;
    }
    const whole = (this.text_.textContent ?? '') + shown;
    this.text_.textContent = whole.length > KEPT ? whole.slice(-KEPT) : whole;
    if (follow) this.text_.scrollTop = this.text_.scrollHeight;
  }

  private async send(): Promise<void> {
    const writer = this.port_?.writable?.getWriter();
    if (!writer) return;
    try {
      await writer.write(new TextEncoder().encode(this.line_.value + ENDS[this.end_.value as keyof typeof ENDS]));
      this.line_.value = '';
    } catch {
      await this.close(words.gone);
    } finally {
      writer.releaseLock();
    }
  }

  private render(): void {
    const can = serialOf(navigator) !== undefined;
    setText(this.connect_, this.port_ ? words.close : words.connect);
    this.connect_.disabled = !can;
    this.baud_.disabled = this.port_ !== undefined;
    setText(this.state_, can ? '' : words.missing);
  }
}

function button(looks: string, text: string): HTMLButtonElement {
  const made = element('button', looks, text);
  made.type = 'button';
  return made;
}

function select(id: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
  const made = element('select', '');
  made.id = id;
  for (const [value, name] of options) made.append(new Option(name, value));
  return made;
}

function label(text: string, control: HTMLElement): HTMLElement {
  return element('label', '', `${text} `, control);
}
