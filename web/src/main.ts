// SPDX-License-Identifier: ISC
// Puts the page together: where devices come from, the flow, the views. Runs once, when the page is loaded.

import { Batch } from './app/batch.ts';
import { Flow } from './app/flow.ts';
import { Log } from './app/log.ts';
import type { State } from './app/state.ts';
import { missingUsb, platformOf } from './app/support.ts';
import { installerFor } from './app/replace.ts';
import { loadBootloader } from './app/bootloaders.ts';
import { stayAwake } from './app/wake-lock.ts';
import { ImageError } from './image/segments.ts';
import { texts } from './texts/index.ts';
import { BatchView } from './ui/batch-view.ts';
import { DeviceView } from './ui/device-view.ts';
import { byId, copyOnClick, element } from './ui/dom.ts';
import { FirmwareView } from './ui/firmware-view.ts';
import { MapView } from './ui/map-view.ts';
import { chooseModes, onEnter } from './ui/modes.ts';
import type { InstallView } from './ui/install-view.ts';
import { keepOffline } from './ui/offline.ts';
import { ReplaceView } from './ui/replace-view.ts';
import { StageView } from './ui/stage-view.ts';
import { UpdateView } from './ui/update-view.ts';
import type { BoardLink } from './usb/board-link.ts';
import { findVirtualBoards } from './usb/find-virtual-boards.ts';
import { VirtualSource } from './usb/virtual-usb.ts';
import { WebUsbSource } from './usb/web-usb.ts';

/** The version of this build, as bcdDevice has it. */
declare const __RELEASE__: number;

const platform = platformOf(navigator.userAgent);
// A browser without WebUSB has no such member, whatever the types say.
const usb = (navigator as { usb?: USB }).usb;
const unsupported = missingUsb({ hasUsb: usb !== undefined, secure: isSecureContext, userAgent: navigator.userAgent });

let installView: InstallView | undefined;
const log = new Log();
log.watch((line) => byId('log').append(`${line}\n`));
log.add(`page opened; ${navigator.userAgent}`);

const links = await findVirtualBoards(location, (line) => log.add(line));
const webUsb = usb ? new WebUsbSource(usb) : undefined;
const sources = [...(webUsb ? [webUsb] : []), new VirtualSource(links)];

const flow = new Flow({
  sources,
  platform,
  unsupported,
  newest: __RELEASE__,
  log: (line) => log.add(line),
  render: scheduleRender,
  saveFile,
  stayAwake: () => stayAwake(navigator),
});

const deviceView = new DeviceView({
  connect: () => void connect(),
  choose: (handle) => void flow.choose(handle),
  disconnect: () => void flow.disconnect(),
  forget: () => void flow.forget(),
  useTarget: (target) => void flow.useTarget(target),
});
const firmwareView = new FirmwareView({
  choose: (name, content) => flow.chooseFile(name, content),
  tooLarge: (name, size) => flow.refuseFile(name, new ImageError(texts.image.tooLarge(size))),
  usePart: () => flow.usePart(),
  example: () => void chooseExample(),
});
const replaceView = new ReplaceView(__RELEASE__, (board, base) => void takeInstaller(board, base));
const mapView = new MapView();
const updateView = new UpdateView({
  write: () => void flow.write(),
  verify: () => void flow.verify(),
  save: () => void flow.save(),
  start: () => void flow.start(),
  stop: () => flow.stop(),
  another: () => flow.startOver(),
  copy,
});
const batch: Batch = new Batch(flow, { noted: ({ good }) => batchView.noted(good) });
const batchView = new BatchView(batch, saveFile);
const stageView = new StageView(() => leaveBoard());

deviceView.offer(
  // One that came blank is for "New board", until it has a bootloader.
  links
    .filter((link) => !link.adapters || link.state?.device)
    .map((link) => ({ name: link.state?.name ?? texts.ui.stage.label, choose: () => void enterBoard(link) })),
);
copyOnClick(byId<HTMLButtonElement>('copy-log'), () => log.text(), copy);
window.addEventListener('beforeunload', (event) => {
  if (flow.state.job || installView?.busy) event.preventDefault();
});
onEnter('install', () => void enterInstall());
onEnter('console', () => void enterConsole());
chooseModes();
byId('asleep').hidden = true;
byId('awake').hidden = false;
byId('modes').hidden = false;
render(flow.state);
await flow.refresh();
keepOffline((line) => log.add(line));

/** Loaded when it is wanted: most people have a bootloader already. */
async function enterInstall(): Promise<void> {
  if (!installView) {
    const { InstallView } = await import('./ui/install-view.ts');
    installView = new InstallView({
      log: (line) => log.add(line),
      boards: links.filter((link) => link.adapters),
      useBoard: (link) => void enterBoard(link),
    });
  }
  await installView.enter();
}

async function enterConsole(): Promise<void> {
  if (byId('console-mode').childElementCount > 0) return;
  const { ConsoleView } = await import('./ui/console-view.ts');
  new ConsoleView(saveFile);
}

async function connect(): Promise<void> {
  try {
    const handle = await webUsb?.request();
    if (!handle) {
      deviceView.nothingChosen(platform);
      return;
    }
    putBoardAway();
    await flow.choose(handle);
  } catch (error) {
    flow.report(error);
  }
}

async function enterBoard(link: BoardLink): Promise<void> {
  stageView.show(link);
  deviceView.boardOnTable(true);
  await flow.follow(link);
}

function putBoardAway(): void {
  stageView.hide();
  deviceView.boardOnTable(false);
}

function leaveBoard(): void {
  putBoardAway();
  void flow.follow(undefined);
}

/** The bundled blinky, linked for where the connected bootloader begins applications. */
async function chooseExample(): Promise<void> {
  const name = exampleFor(flow.state);
  if (!name) return;
  const response = await fetch(`./examples/${name}`);
  flow.chooseFile(name, new Uint8Array(await response.arrayBuffer()));
}

/** The installer goes the way of any firmware from here on. */
async function takeInstaller(board: string, base: number): Promise<void> {
  const name = installerFor(board, base);
  try {
    flow.chooseFile(name, await loadBootloader(name));
  } catch (error) {
    flow.report(error);
  }
}

function exampleFor(state: State): string | undefined {
  const base = state.device?.placement?.base;
  // It blinks the Blue Pill's LED, and no other.
  if (!stageView.showsPill || base === undefined) return undefined;
  return { [0x0800_2000]: 'blinky-bluepill.bin', [0x0800_0000]: 'blinky-bluepill-high.bin' }[base];
}

function copy(text: string): Promise<void> {
  return navigator.clipboard.writeText(text);
}

function saveFile(name: string, content: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(content)], { type: 'application/octet-stream' }));
  const link = element('a', '');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Several changes in one turn are drawn once. */
function scheduleRender(state: State): void {
  queueMicrotask(() => {
    if (state !== flow.state) return;
    render(state);
    batch.look(state);
  });
}

function render(state: State): void {
  renderUnsupported(state);
  stageView.render(state);
  deviceView.render(state);
  replaceView.render(state);
  firmwareView.render(state, exampleFor(state) !== undefined);
  mapView.render(state);
  updateView.render(state);
}

function renderUnsupported({ unsupported: why }: State): void {
  const box = byId('unsupported');
  box.hidden = why === undefined;
  if (!why || box.childElementCount > 0) return;
  box.append(element('h2', '', why.title), element('p', '', why.cause), element('p', '', why.next));
}
