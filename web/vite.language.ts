// SPDX-License-Identifier: ISC
// The language that a build speaks: DAPBOOT_LANGUAGE names its folder in src/texts; without it, English.

import { build } from 'vite';
import type { Alias } from 'vite';
import type { Language } from './src/texts/language.ts';

const folder = process.env['DAPBOOT_LANGUAGE'] ?? 'en';
const entry = new URL(`./src/texts/${folder}/index.ts`, import.meta.url).pathname;

/** Has the sources find that language. */
export const languageAlias: Alias[] = [{ find: '#language', replacement: entry }];

/** Its words, for what is built into the page itself. */
export async function loadLanguage(): Promise<Language> {
  const lib = { entry, formats: ['es' as const], fileName: 'language' };
  const result = await build({ configFile: false, logLevel: 'error', publicDir: false, build: { write: false, lib } });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !('output' in output)) throw new Error(`${entry} did not build`);
  const source = Buffer.from(output.output[0].code).toString('base64');
  const { language } = (await import(`data:text/javascript;base64,${source}`)) as { language: Language };
  return language;
}
