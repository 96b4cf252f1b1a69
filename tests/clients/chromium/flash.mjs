// SPDX-License-Identifier: ISC
// The built page in Chromium with the real navigator.usb. A policy stands in for the click in the list of devices; the
// steps come as lines, so that the guest can plug and unplug between them.
//
//   node flash.mjs PLAYWRIGHT PAGE CONSOLE_PORT <steps >answers
//
// A line is a number, the name of a step and its value. Answers "NUMBER ok" or "NUMBER FAILED why", a line each; what it
// sees goes to stderr. CONSOLE_PORT is that of the virtual boards' console.

import { createServer } from 'node:http';
import { connect } from 'node:net';
import { readFileSync, existsSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';

const [playwright, dist, consolePort] = process.argv.slice(2);
const { chromium } = (await import(playwright)).default;
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
// An emulated PC beside a busy build: what takes two seconds elsewhere may take minutes.
const patience = 540_000;
const address = 'http://localhost:8073/';
const say = (text) => console.error(`${Math.round(performance.now() / 1000)} s: ${text.replaceAll('\n', ' | ')}`);

const server = createServer((request, response) => {
  if (request.url === '/blank') return response.writeHead(200, { 'content-type': 'text/html' }).end('<title>blank</title>');
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  const file = join(dist, path.endsWith('/') ? `${path}index.html` : path);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
  response.end(readFileSync(file));
});
await new Promise((resolve) => server.listen(8073, '127.0.0.1', resolve));

const context = await chromium.launchPersistentContext('/run/chromium', {
  executablePath: '/usr/bin/chromium',
  timeout: patience,
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-sync'],
});
context.setDefaultTimeout(patience);
say(`Chromium ${context.browser()?.version() ?? ''} is there`);
const page = context.pages()[0] ?? (await context.newPage());
page.on('console', (message) => say(`console: ${message.text()}`));

const expect = (holds, what) => {
  if (!holds) throw new Error(what);
};
const text = (selector) => page.locator(selector).innerText();
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What a hand does at the virtual boards. */
function hand(line) {
  return new Promise((resolve, reject) => {
    const wire = connect(Number(consolePort), '10.0.2.2', () => wire.write(`${line}\n`));
    wire.once('data', (answer) => {
      wire.destroy();
      if (/ok\s*$/.test(answer.toString())) resolve();
      else reject(new Error(`the console answered ${line} with ${answer}`));
    });
    wire.once('error', reject);
  });
}

/** In the page. */
async function applicationIsThere() {
  return (await navigator.usb.getDevices()).some((one) => one.productId === 1);
}

/** Whether "New board" comes to a stage, or fails before. */
async function reached(stage) {
  await page.locator(`${stage}, #install-mode .refused`).first().waitFor();
  say(await text('#install-mode'));
  return page.locator(stage).isVisible();
}

/**
 * The page waits for three seconds, and an emulated PC may take longer. What it says then is to try again; what it says
 * of anything else than silence is final.
 */
async function installed(tries = 3) {
  await page.locator('#install-mode .choice', { hasText: 'Allowed before' }).click();
  say('the adapter is there');
  if (await reached('#install-write')) {
    await page.click('#install-write');
    if (await reached('#install-mode .moment')) return;
  }
  expect(tries > 1 && /does not answer/.test(await text('#install-mode')), 'the installation failed');
  await page.getByRole('button', { name: 'Try again' }).click();
  await installed(tries - 1);
}

async function choose(image) {
  await page.setInputFiles('#file', image);
  await page.locator('#verdict.good').waitFor({ state: 'attached' });
}

/** In the page. Returns what the device said of itself in the end. */
async function downloadAsWebdfu(bytes) {
  const [DNLOAD, GETSTATUS, dfuDNLOAD_IDLE, dfuERROR, blockSize] = [1, 3, 5, 10, 2048];
  const device = (await navigator.usb.getDevices())[0];
  const setup = (request, value) => ({ requestType: 'class', recipient: 'interface', request, value, index: 0 });
  const send = async (block, data) => {
    const result = await device.controlTransferOut(setup(DNLOAD, block), data);
    if (result.status !== 'ok') throw new Error(`block ${block}: ${result.status}`);
  };
  const getStatus = async () => {
    const { status, data } = await device.controlTransferIn(setup(GETSTATUS, 0), 6);
    if (status !== 'ok') throw new Error(`GETSTATUS: ${status}`);
    return { status: data.getUint8(0), wait: data.getUint32(1, true) & 0xffffff, state: data.getUint8(4) };
  };
  await device.open();
  if (device.configuration === null) await device.selectConfiguration(1);
  await device.claimInterface(0);
  await device.selectAlternateInterface(0, 0);
  let block = 0;
  for (let at = 0; at < bytes.length; at += blockSize) {
    await send(block++, new Uint8Array(bytes.slice(at, at + blockSize)));
    let report = await getStatus();
    while (report.state !== dfuDNLOAD_IDLE && report.state !== dfuERROR) {
      await new Promise((resolve) => setTimeout(resolve, report.wait));
      report = await getStatus();
    }
    if (report.status !== 0) throw new Error(`block ${block}: status ${report.status}, state ${report.state}`);
  }
  await send(block, new ArrayBuffer(0));
  const final = await getStatus();
  if (final.status !== 0) throw new Error(`in the end: status ${final.status}, state ${final.state}`);
  await device.reset();
  return `status ${final.status}, state ${final.state} in the end, and reset`;
}

const steps = {
  async open() {
    await page.goto(address);
    await page.locator('#awake').waitFor();
    const devices = await page.evaluate(async () =>
      (await navigator.usb.getDevices()).map((one) => `${one.productName} ${one.serialNumber}`),
    );
    expect(devices.length > 0, 'the browser shows no device');
    say(`devices: ${devices.join(', ')}`);
  },
  /** Gives the device free. */
  async away() {
    await page.goto('about:blank');
  },
  async connected() {
    await page.locator('#device-present').waitFor();
    say(await text('#device-present'));
  },
  async write(image) {
    await choose(image);
    await page.click('#write');
    await page.locator('#outcome.good.moment').waitFor();
    say(await text('#outcome'));
  },
  /** The cable comes out in the middle of a write. */
  async cut(image) {
    await choose(image);
    await page.click('#write');
    // By a timer: frames are rare in an emulated PC, and the write goes on.
    const under = () => Number(document.querySelector('#bar')?.getAttribute('aria-valuenow')) > 15;
    await page.waitForFunction(under, undefined, { polling: 50 });
    await hand('power 1-1 off');
    await page.locator('#outcome.doubtful, #outcome.refused, #outcome.good').waitFor();
    say(await text('#outcome'));
    expect(await page.locator('#outcome.doubtful').isVisible(), 'the page does not wait for the board');
  },
  /** It goes on without a click. */
  async resumed() {
    await page.locator('#outcome.good.moment').waitFor();
    say(await text('#outcome'));
  },
  /** An application on the bus keeps running, and what was said of the update stays on the page. */
  async 'left-alone'() {
    await page.waitForFunction(applicationIsThere, undefined, { polling: 500 });
    await pause(6000);
    expect(await page.evaluate(applicationIsThere), 'the application has left');
    expect(await page.locator('#outcome.good.moment').isVisible(), 'the success has vanished');
    expect(await page.locator('#device-present').isHidden(), 'the application was opened');
  },
  /** Another visit, with the application on the bus from the start. */
  async 'left-alone-at-start'() {
    await steps.open();
    await page.locator('#available .choice', { hasText: 'into bootloader mode' }).waitFor();
    await pause(4000);
    expect(await page.evaluate(applicationIsThere), 'the application has left');
    expect(await page.locator('#device-present').isHidden(), 'the application was opened');
  },
  async leave() {
    await page.locator('#available .choice', { hasText: 'into bootloader mode' }).click();
  },
  /** "New board", by an adapter that the policy allows, up to the way to an application. */
  async install(way) {
    const name = { serial: 'USB-serial adapter', stlink: 'ST-Link V2' }[way];
    await page.goto('about:blank');
    await page.goto(`${address}#install`);
    await page.getByText(name, { exact: true }).click();
    await installed();
    await page.getByRole('button', { name: 'Now write firmware to it' }).click();
  },
  /**
   * The requests that devanlai's page makes of a device that leaves by itself (dfu-util/dfu.js of devanlai/webdfu): blocks,
   * each polled until dfuDNLOAD-IDLE; an empty one; the status once; a reset of the device. Any of them that fails is a red
   * line there, the reset, too.
   */
  async webdfu(image) {
    await page.goto(`${address}blank`);
    say(await page.evaluate(downloadAsWebdfu, [...readFileSync(image)]));
  },
  /** A vendor's page; the board runs its application, which tells its version. */
  async element() {
    await page.goto(`${address}demo/`);
    await page.getByRole('button', { name: 'Update your Tidewatch' }).click();
    await page.getByText('Installed: 1.0.0, newest: 1.3.0').waitFor();
    say(await page.getByRole('dialog').innerText());
    await page.getByRole('button', { name: 'Install 1.3.0' }).click();
  },
  async 'element-done'() {
    await page.getByText('Version 1.3.0 is on the board').waitFor();
    say(await page.getByRole('dialog').innerText());
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [number, name, ...values] = line.split(' ');
  say(`step ${line}`);
  try {
    expect(steps[name], 'there is no such step');
    await steps[name](...values);
    console.log(`${number} ok`);
  } catch (error) {
    say(await page.locator('body').innerText().catch(() => ''));
    console.log(`${number} FAILED ${String(error).replaceAll('\n', ' | ')}`);
  }
}
await context.close();
server.close();
process.exit(0);
