// SPDX-License-Identifier: ISC
// Registers the service worker, which keeps the page usable offline, and offers a newer build when there is one.

import { byId, onClick } from './dom.ts';

export function keepOffline(log: (line: string) => void): void {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  const workers = navigator.serviceWorker;
  void workers.register('./service-worker.js').then(
    (registration) => {
      const offer = (worker: ServiceWorker): void => {
        byId('update-ready').hidden = false;
        onClick('reload', () => worker.postMessage('take-over'));
      };
      if (registration.waiting && workers.controller) offer(registration.waiting);
      registration.addEventListener('updatefound', () => {
        const worker = registration.installing;
        worker?.addEventListener('statechange', () => {
          if (worker.state === 'installed' && workers.controller) offer(worker);
        });
      });
    },
    (error: unknown) => log(`the page will not work offline: ${String(error)}`),
  );
  const controlled = workers.controller !== null;
  workers.addEventListener('controllerchange', () => {
    if (controlled) location.reload();
  });
}
