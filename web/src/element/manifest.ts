// SPDX-License-Identifier: ISC
// What a vendor says about a product's firmware: one JSON file beside the firmware files. Everything in it is checked
// before it is used; it comes over the network.

import { texts } from '../texts/index.ts';

const words = texts.element.manifest;

export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

export interface FirmwareFile {
  readonly url: URL;
  /** Lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Address that it is linked for. */
  readonly base: number;
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly notes: string;
  /** USB ids that the chooser shows; empty for all that speak DFU. */
  readonly boards: readonly { readonly vendorId: number; readonly productId: number }[];
  readonly files: readonly FirmwareFile[];
}

/** No firmware for these chips is larger. */
const FILE_LIMIT = 1024 * 1024;

/** Throws ManifestError. */
export async function loadManifest(url: URL): Promise<Manifest> {
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok) throw new ManifestError(words.unreachable(url.href));
  let content: unknown;
  try {
    content = await response.json();
  } catch {
    throw new ManifestError(words.noJson(url.href));
  }
  return parseManifest(content, new URL(response.url || url.href));
}

/** Throws ManifestError naming the field that is wrong. */
export function parseManifest(content: unknown, url: URL): Manifest {
  const top = record(content, 'manifest');
  const files = list(top['files'], 'files').map((one, i) => {
    const file = record(one, `files[${i}]`);
    const sha256 = text(file['sha256'], `files[${i}].sha256`).toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new ManifestError(words.field(`files[${i}].sha256`));
    return {
      url: new URL(text(file['path'], `files[${i}].path`), url),
      sha256,
      base: number(file['base'], `files[${i}].base`),
    };
  });
  if (files.length === 0) throw new ManifestError(words.field('files'));
  const boards = list(top['boards'] ?? [], 'boards').map((one, i) => {
    const board = record(one, `boards[${i}]`);
    return {
      vendorId: number(board['vendorId'], `boards[${i}].vendorId`),
      productId: number(board['productId'], `boards[${i}].productId`),
    };
  });
  const notes = top['notes'] === undefined ? '' : text(top['notes'], 'notes');
  return { name: text(top['name'], 'name'), version: text(top['version'], 'version'), notes, boards, files };
}

/** The bytes of a file, checked against its checksum. Throws ManifestError. */
export async function loadFile(file: FirmwareFile): Promise<Uint8Array> {
  const response = await fetch(file.url).catch(() => undefined);
  if (!response?.ok) throw new ManifestError(words.unreachable(file.url.href));
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > FILE_LIMIT) throw new ManifestError(words.tooLarge(file.url.href, bytes.length));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== file.sha256) throw new ManifestError(words.checksum(file.url.href));
  return bytes;
}

/** Whether `newest` comes after `installed`, by the numbers between their dots; undefined where that says nothing. */
export function isNewer(newest: string, installed: string): boolean | undefined {
  const parts = (version: string): number[] | undefined =>
    /^\d+(\.\d+)*$/.test(version) ? version.split('.').map(Number) : undefined;
  const [a, b] = [parts(newest), parts(installed)];
  if (!a || !b) return undefined;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function record(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ManifestError(words.field(field));
  return value as Record<string, unknown>;
}

function list(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ManifestError(words.field(field));
  return value;
}

function text(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw new ManifestError(words.field(field));
  return value;
}

/** A number, or a string as people write addresses and ids: "0x08002000". */
function number(value: unknown, field: string): number {
  const read = typeof value === 'string' && /^0x[0-9a-f]{1,8}$/i.test(value) ? Number.parseInt(value, 16) : value;
  if (typeof read !== 'number' || !Number.isInteger(read) || read < 0 || read > 0xffffffff)
    throw new ManifestError(words.field(field));
  return read;
}
