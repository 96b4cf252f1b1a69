// SPDX-License-Identifier: ISC
// Puts the page together: where devices come from, the flow, the views. Runs once, when the page is loaded.

import { explain } from './app/explain.ts';
import { Flow } from './app/flow.ts';
import { Log } from './app/log.ts';
import type { State } from './app/state.ts';
import { missingUsb, platformOf } from './app/support.ts';
import { ImageError } from './image/segments.ts';
import { BoardView } from './ui/board-view.ts';
import { DeviceView } from './ui/device-view.ts';
import { byId, copyOnClick, element } from './ui/dom.ts';
import { FirmwareView } from './ui/firmware-view.ts';
import { MapView } from './ui/map-view.ts';
import { keepOffline } from './ui/offline.ts';
import { UpdateView } from './ui/update-view.ts';
import { findBoards } from './usb/boards.ts';
import type { BoardLink } from './usb/board-link.ts';
import { VirtualSource } from './usb/virtual-usb.ts';
import { WebUsbSource } from './usb/web-usb.ts';

const platform = platformOf(navigator.userAgent);
// A browser without WebUSB has no such member, whatever the types say.
const usb = (navigator as { usb?: USB }).usb;
const surroundings = { hasUsb: usb !== undefined, secure: isSecureContext, userAgent: navigator.userAgent };
const unsupported = missingUsb(surroundings);

const log = new Log();
log.watch((line) => byId('log').append(`${line}\n`));
log.add(`page opened; ${navigator.userAgent}`);

const links = await findBoards(location, (line) => log.add(line));
const webUsb = usb ? new WebUsbSource(usb) : undefined;
const sources = [...(webUsb ? [webUsb] : []), new VirtualSource(links)];

const flow = new Flow({
  sources,
  platform,
  unsupported,
  log: (line) => log.add(line),
  render: scheduleRender,
  saveFile,
});

const deviceView = new DeviceView({
  connect: () => void connect(),
  choose: (handle) => void flow.choose(handle),
  disconnect: () => void flow.disconnect(),
  useTarget: (target) => void flow.useTarget(target),
});
const firmwareView = new FirmwareView(
  (name, content) => flow.chooseFile(name, content),
  (name, size) => flow.refuseFile(name, new ImageError(`It has ${size} bytes; no firmware for these chips is that large.`)),
);
const mapView = new MapView();
const updateView = new UpdateView({
  write: () => void flow.write(),
  verify: () => void flow.verify(),
  save: () => void flow.save(),
  start: () => void flow.start(),
  stop: () => flow.stop(),
  copy,
});
const boardView = new BoardView(() => leaveBoard());

deviceView.offer(
  links.map((link) => ({ name: link.state?.name ?? 'Virtual board', choose: () => void enterBoard(link) })),
);
copyOnClick(byId<HTMLButtonElement>('copy-log'), () => log.text(), copy);
window.addEventListener('beforeunload', (event) => {
  if (flow.state.job) event.preventDefault();
});
showUnsupported();
byId('asleep').hidden = true;
byId('awake').hidden = false;
render(flow.state);
await flow.refresh();
keepOffline((line) => log.add(line));

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
  boardView.show(link);
  deviceView.boardOnTable(true);
  await flow.follow((handle) => handle.kind === 'virtual' && handle.board === link);
}

function putBoardAway(): void {
  boardView.hide();
  deviceView.boardOnTable(false);
}

function leaveBoard(): void {
  putBoardAway();
  void flow.follow((handle) => handle.kind === 'usb');
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

function showUnsupported(): void {
  if (!unsupported) return;
  const { title, cause, next } = unsupported;
  byId('unsupported').append(element('h2', '', title), element('p', '', cause), element('p', '', next));
  byId('unsupported').hidden = false;
  log.add(explain(new Error(title), { platform }).cause);
}

/** Several changes in one turn are drawn once. */
function scheduleRender(state: State): void {
  queueMicrotask(() => {
    if (state === flow.state) render(state);
  });
}

function render(state: State): void {
  deviceView.render(state);
  firmwareView.render(state);
  mapView.render(state);
  updateView.render(state);
  const over = state.outcome?.kind === 'done' && !state.outcome.about;
  const usable = state.image !== undefined && state.verdict?.kind !== 'refused';
  const next = over && !state.device ? '' : !state.device ? 'device' : !usable ? 'firmware' : 'update';
  for (const step of ['device', 'firmware', 'update']) byId(`${step}-card`).classList.toggle('is-next', step === next);
  byId('device-card').classList.toggle('is-done', state.device !== undefined);
  byId('firmware-card').classList.toggle('is-done', usable);
  byId('update-card').classList.toggle('is-done', state.outcome?.kind === 'done');
}
