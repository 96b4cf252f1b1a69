// SPDX-License-Identifier: ISC
// Keeps the page usable without a network: its own files, complete and of one build, and nothing else.
// The build fills in the two constants.

const version = '__VERSION__';
const files = ['__FILES__'];
// Another copy of the page on the same origin has caches of its own.
const prefix = `dapboot ${self.registration.scope} `;
const cacheName = `${prefix}${version}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(cacheName).then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })))),
  );
});

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith(prefix) && name !== cacheName;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// A page that has asked its user; until then, a page keeps the build that it was loaded with.
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  const scope = self.registration.scope;
  const url = event.request.url.split(/[?#]/)[0];
  const own = files.some((file) => new URL(file, scope).href === url) || url === `${scope}index.html`;
  if (!own) return;
  const key = url === `${scope}index.html` ? scope : url;
  event.respondWith(caches.open(cacheName).then(async (cache) => (await cache.match(key)) ?? fetch(event.request)));
});
