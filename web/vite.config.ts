// SPDX-License-Identifier: ISC
// One folder of static files for any https host: relative addresses, no inline code, a service worker that knows
// exactly which files there are.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';
import { languageAlias, loadLanguage } from './vite.language.ts';
import { bcdVersion } from './vite.version.ts';
import type { Language } from './src/texts/language.ts';

const local = (path: string): URL => new URL(path, import.meta.url);

/** Puts the drawn board into the page, where styles and scripts reach its parts, and the words into their places. */
function drawingAndWords(texts: Language): Plugin {
  const word = (path: string): string => {
    const found = path
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], texts);
    if (typeof found !== 'string') throw new Error(`index.html: there is no text called ${path}`);
    return found.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  };
  return {
    name: 'drawing-and-words',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) =>
        html
          .replace('<!--blue-pill-->', readFileSync(local('src/ui/blue-pill.svg'), 'utf8'))
          .replace(/\{\{([\w.]+)\}\}/g, (_all, path: string) => word(path))
          // The place of a line says something to who reads the source alone.
          .replace(/\n +/g, '\n'),
    },
  };
}

/** The applications that the page offers to try, and every bootloader that it can install, with their checksums. */
function firmware(): Plugin {
  const folder = process.env['DAPBOOT_FIRMWARE_DIR'] ?? local('../build/firmware').pathname;
  const read = (name: string): Buffer => {
    try {
      return readFileSync(`${folder}/${name}`);
    } catch {
      throw new Error(
        `${folder}/${name} is not there: build the firmware first (make firmware), or name its folder in DAPBOOT_FIRMWARE_DIR`,
      );
    }
  };
  return {
    name: 'firmware',
    apply: 'build',
    generateBundle() {
      for (const name of ['blinky-bluepill.bin', 'blinky-bluepill-high.bin']) {
        this.emitFile({ type: 'asset', fileName: `examples/${name}`, source: read(name) });
      }
      const images = readdirSync(folder)
        .filter((name) => /^dapboot-[\w-]+\.hex$|^install-dapboot-[a-z\d]+(-at-0x08005000)?\.bin$/.test(name))
        .sort();
      if (images.length === 0) throw new Error(`${folder} holds no bootloader: make firmware`);
      const list = images.map((name) => {
        const source = read(name);
        this.emitFile({ type: 'asset', fileName: `bootloaders/${name}`, source });
        return { file: name, sha256: createHash('sha256').update(source).digest('hex') };
      });
      this.emitFile({
        type: 'asset',
        fileName: 'bootloaders/index.json',
        source: `${JSON.stringify(list, null, 1)}\n`,
      });
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

export default defineConfig(async () => ({
  base: './',
  define: { __RELEASE__: String(bcdVersion()) },
  resolve: { alias: languageAlias },
  plugins: [drawingAndWords(await loadLanguage()), plainLinks(), firmware(), serviceWorker()],
  build: {
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    minify: 'terser' as const,
    terserOptions: { module: true, compress: { passes: 2 }, mangle: { properties: { regex: /[a-z]_$/ } } },
  },
}));
