// SPDX-License-Identifier: ISC
// <dapboot-install> as one script: into dist/demo, beside the page that shows it, and into the npm package in
// dist-package. The version is that of the project (the top CMakeLists.txt).

import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';
import { languageAlias } from './vite.language.ts';
import { projectVersion } from './vite.version.ts';

const local = (path: string): URL => new URL(path, import.meta.url);
const firmwareFolder = process.env['DAPBOOT_FIRMWARE_DIR'] ?? local('../build/firmware').pathname;

function packageAndDemo(): Plugin {
  return {
    name: 'package-and-demo',
    closeBundle() {
      const into = local('dist-package/');
      const description = JSON.parse(readFileSync(local('package/package.json'), 'utf8')) as object;
      writeFileSync(
        new URL('package.json', into),
        `${JSON.stringify({ ...description, version: projectVersion() }, null, 2)}\n`,
      );
      for (const name of ['README.md', 'dapboot-install.d.ts'])
        copyFileSync(local(`package/${name}`), new URL(name, into));
      copyFileSync(local('../LICENSE'), new URL('LICENSE', into));

      const demo = local('dist/demo/');
      mkdirSync(demo, { recursive: true });
      for (const name of ['index.html', 'demo.css']) copyFileSync(local(`demo/${name}`), new URL(name, demo));
      copyFileSync(new URL('dapboot-install.js', into), new URL('dapboot-install.js', demo));
      const files = (
        [
          ['blinky-bluepill.bin', '0x08002000'],
          ['blinky-bluepill-high.bin', '0x08000000'],
        ] as const
      ).map(([name, base]) => {
        const content = readFileSync(`${firmwareFolder}/${name}`);
        writeFileSync(new URL(`tidewatch-1.3.0-${base}.bin`, demo), content);
        return {
          path: `tidewatch-1.3.0-${base}.bin`,
          sha256: createHash('sha256').update(content).digest('hex'),
          base,
        };
      });
      const manifest = {
        name: 'Tidewatch',
        version: '1.3.0',
        notes: 'Shows neap and spring tides.\nThe second hand no longer trembles.',
        // The bootloader, and the application as it is on the bus.
        boards: [
          { vendorId: '0x1209', productId: '0xdb42' },
          { vendorId: '0x1209', productId: '0x0001' },
        ],
        files,
      };
      writeFileSync(new URL('manifest.json', demo), `${JSON.stringify(manifest, null, 2)}\n`);
    },
  };
}

export default defineConfig({
  publicDir: false,
  resolve: { alias: languageAlias },
  plugins: [packageAndDemo()],
  build: {
    target: 'es2022',
    outDir: 'dist-package',
    lib: { entry: 'src/element/dapboot-install.ts', formats: ['es'], fileName: () => 'dapboot-install.js' },
  },
});
