// SPDX-License-Identifier: ISC
// Every word that the page says, in English; sentences with values in them are functions. A second language is a second
// folder with the same four files, and a file like this one.

import * as board from './en/board.ts';
import * as files from './en/files.ts';
import * as page from './en/page.ts';
import * as tools from './en/tools.ts';

export const en = { language: 'en', ...page, ...files, ...board, ...tools };
