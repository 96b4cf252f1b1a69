// SPDX-License-Identifier: ISC
// One folder of static files for any https host: relative addresses, no inline code, a service worker that knows
// exactly which files there are.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

const local = (path: string): URL => new URL(path, import.meta.url);

/** Puts the drawn board into the page, where styles and scripts reach its parts. */
function drawing(): Plugin {
  return {
    name: 'drawing',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace('<!--blue-pill-->', readFileSync(local('src/ui/blue-pill.svg'), 'utf8')),
    },
  };
}

/** The crossorigin attribute keeps the style sheet out when the page is opened as a file, notice and all. */
function plainLinks(): Plugin {
  return {
    name: 'plain-links',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => html.replace(/(<link rel="stylesheet"[^>]*?) crossorigin/g, '$1'),
    },
  };
}

/** Writes service-worker.js with the list of files and a version that changes when any of them does. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const hash = createHash('sha256');
        const files = ['./'];
        for (const name of Object.keys(bundle).sort()) {
          const part = bundle[name]!;
          hash.update(name).update(part.type === 'chunk' ? part.code : part.source);
          if (name !== 'index.html') files.push(`./${name}`);
        }
        for (const name of readdirSync(local('public')).sort()) {
          hash.update(name).update(readFileSync(local(`public/${name}`)));
          files.push(`./${name}`);
        }
        const source = readFileSync(local('src/service-worker.js'), 'utf8')
          .replace("'__VERSION__'", JSON.stringify(hash.digest('hex').slice(0, 12)))
          .replace("['__FILES__']", JSON.stringify(files));
        this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
      },
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [drawing(), plainLinks(), serviceWorker()],
  build: { target: 'es2022', modulePreload: false, assetsInlineLimit: 0 },
});
