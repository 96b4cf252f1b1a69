// SPDX-License-Identifier: ISC
// The language of the page. A language is one folder beside `en` with an index.ts that exports a complete `Language`;
// DAPBOOT_LANGUAGE names the one that a build speaks.

import { language } from '#language';
import type { Language } from './language.ts';

export const texts: Language = language;
