// SPDX-License-Identifier: ISC
// The workflow files: nobody but the forge runs them, so that everything in them that can be looked at here is.

import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';

const root = new URL('../../..', import.meta.url).pathname;
const folder = join(root, '.github/workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}
interface Job {
  readonly 'runs-on': string;
  readonly steps: readonly Step[];
}

function jobsOf(file: string): [string, Job][] {
  const document = parseDocument(readFileSync(join(folder, file), 'utf8'), { uniqueKeys: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  const { name, on, jobs } = document.toJS() as { name: string; on: unknown; jobs: Record<string, Job> };
  expect(name).toMatch(/^\w+$/);
  expect(on).toBeTruthy();
  return Object.entries(jobs);
}

/** The program of each command in these lines, with its arguments. */
function commandsIn(lines: string): string[][] {
  return lines
    .replaceAll('\\\n', ' ')
    .split(/&&|\|\||[|;\n]/)
    .map((one) => one.trim().split(/\s+/))
    .filter(([program]) => program && !/^[\w]+=/.test(program));
}

function isThere(program: string, installed: ReadonlySet<string>): boolean {
  if (installed.has(program)) return true;
  if (!program.includes('/')) return spawnSync('bash', ['-c', 'type "$0"', program]).status === 0;
  try {
    accessSync(join(root, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

describe.each(readdirSync(folder))('%s', (file) => {
  test('is YAML with jobs, and each of its commands is there', () => {
    for (const [name, job] of jobsOf(file)) {
      expect(job['runs-on'], name).toBeTruthy();
      const installed = new Set<string>();
      for (const { uses, run } of job.steps) {
        expect([uses, run].filter((one) => one !== undefined)).toHaveLength(1);
        if (uses) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
        if (!run) continue;
        execFileSync('bash', ['-n', '-c', run.replace(/\$\{\{.*?\}\}/g, 'value')]);
        for (const [program, ...values] of commandsIn(run)) {
          if (program === 'apt-get') for (const one of values) installed.add(one);
          expect(isThere(program!, installed), `${name}: ${program}`).toBe(true);
          const targets = program === 'make' ? values.filter((one) => /^[\w-]+$/.test(one)) : [];
          for (const target of targets) {
            const dry = spawnSync('make', ['-n', '-C', root, target], { encoding: 'utf8' });
            expect(dry.status, dry.stderr).toBe(0);
          }
        }
      }
    }
  });
});

/** The schema that the forge publishes for workflow files. */
function validated(file: string): { status: number | null; said: string } {
  const validator = new URL('../../node_modules/.bin/action-validator', import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(validator, [file], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test.each(readdirSync(folder))('%s keeps to the schema of workflow files', (file) => {
  expect(validated(join(folder, file))).toEqual({ status: 0, said: '' });
});

test('a misspelt key would be found', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'dapboot-workflow-'));
  const broken = join(scratch, 'broken.yml');
  writeFileSync(broken, readFileSync(join(folder, 'pages.yml'), 'utf8').replace('runs-on:', 'runs-onn:'));
  const { status, said } = validated(broken);
  rmSync(scratch, { recursive: true });
  expect(status).toBe(1);
  expect(said).toContain("Additional property 'runs-onn' is not allowed");
});

test('what is put on the web is what the build makes, and its addresses are relative', () => {
  const upload = jobsOf('pages.yml')[0]![1].steps.find(({ uses }) => uses?.startsWith('actions/upload-pages-artifact'));
  const page = readFileSync(join(root, upload!.with!['path']!, 'index.html'), 'utf8');
  const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
  expect(addresses.length).toBeGreaterThan(4);
  expect(addresses.filter((one) => !/^(\.\/|#)/.test(one))).toEqual([]);
});
