// SPDX-License-Identifier: ISC
// A second language is complete, or the compiler says what it lacks.

import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const web = new URL('../..', import.meta.url).pathname;

/** Languages, as lines of their index.ts, and what the compiler has to say of each: nothing, or this. */
const languages: Record<string, readonly [lines: string, said?: RegExp]> = {
  'a whole language with other words': [
    `const { remarks, job } = en;
     const cut = { title: 'Kabel ab', cause: 'Das Kabel kam heraus.', next: 'Wieder einstecken.' };
     const verified = (count: number, name: string) => ({ title: 'Gleich', text: name + count });
     export const language: Language = { ...en, code: 'de', remarks: { ...remarks, cut }, job: { ...job, verified } };`,
  ],
  'a sentence is missing': [
    `const { next: missing, ...cut } = en.remarks.cut;
     export const language: Language = { ...en, remarks: { ...en.remarks, cut } };`,
    /'next' is missing/,
  ],
  'a whole part is missing': [
    `const { console: missing, ...rest } = en;
     export const language: Language = rest;`,
    /'console' is missing/,
  ],
  'one is too many': [
    `const { remarks } = en;
     export const language: Language = { ...en, remarks: { ...remarks, cut: { ...remarks.cut, more: '' } } };`,
    /'more' does not exist/,
  ],
  'a sentence is no text': [
    'export const language: Language = { ...en, code: 7 };',
    /'number' is not assignable to type 'string'/,
  ],
  'a sentence wants another value': [
    `const bytes = (count: string): string => count;
     export const language: Language = { ...en, numbers: { ...en.numbers, bytes } };`,
    /'number' is not assignable to type 'string'/,
  ],
};

const file = (name: string): string => join(web, `src/texts/${name.replaceAll(' ', '-')}/index.ts`);
const sources = new Map(
  Object.entries(languages).map(([name, [lines]]) => [
    file(name),
    `import { language as en } from '../en/index.ts';\nimport type { Language } from '../language.ts';\n${lines}`,
  ]),
);
const { config } = ts.readConfigFile(join(web, 'tsconfig.json'), (name) => ts.sys.readFile(name));
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, web);
Object.assign(options, { types: [], lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], noUnusedLocals: false });
const host = ts.createCompilerHost(options);
const { fileExists, getSourceFile } = host;
host.fileExists = (name) => sources.has(name) || fileExists(name);
host.getSourceFile = (name, version, ...rest) => {
  const source = sources.get(name);
  return source === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, source, version);
};
const program = ts.createProgram([...sources.keys()], options, host);

test.each(Object.keys(languages))('%s', (name) => {
  const said = program
    .getSemanticDiagnostics(program.getSourceFile(file(name)))
    .map((one) => ts.flattenDiagnosticMessageText(one.messageText, ' '));
  const expected = languages[name]![1];
  if (expected) expect(said.join('\n')).toMatch(expected);
  else expect(said).toEqual([]);
});
