// SPDX-License-Identifier: ISC
// Every word that the page says, in English; sentences with values in them are functions.

import * as board from './board.ts';
import * as files from './files.ts';
import * as numbers from './numbers.ts';
import * as page from './page.ts';
import * as tools from './tools.ts';

export const language = { code: 'en', numbers, ...page, ...files, ...board, ...tools };
