// SPDX-License-Identifier: ISC
// Finds the virtual boards of a local server. A page on any other host has none and asks nobody.

import { BoardLink } from './board-link.ts';

const LIMIT_MS = 2000;

interface Listed {
  readonly name: string;
  readonly socket: string;
  /** It came blank, and has what a blank chip needs. */
  readonly adapters?: boolean;
}

export async function findVirtualBoards(place: Location, log: (line: string) => void): Promise<BoardLink[]> {
  if (!isLoopback(place.hostname)) return [];
  try {
    const response = await fetch('/boards', { headers: { accept: 'application/json' } });
    if (!response.ok || !response.headers.get('content-type')?.startsWith('application/json')) return [];
    const listed = (await response.json()) as Listed[];
    const links = await Promise.all(listed.map((one) => connectTo(place, one)));
    return links.filter((link) => link !== undefined);
  } catch (error) {
    log(`no virtual boards: ${String(error)}`);
    return [];
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

/** Waits for the board's first state; undefined when none comes. */
function connectTo(place: Location, listed: Listed): Promise<BoardLink | undefined> {
  const url = new URL(listed.socket, place.href);
  url.protocol = place.protocol === 'https:' ? 'wss:' : 'ws:';
  const link = new BoardLink(new WebSocket(url), listed.adapters === true);
  return new Promise((resolve) => {
    const stop = link.watch((state) => {
      stop();
      resolve(state ? link : undefined);
    });
    setTimeout(() => resolve(link.state ? link : undefined), LIMIT_MS);
  });
}
