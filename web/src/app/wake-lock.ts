// SPDX-License-Identifier: ISC
// Keeps the screen on while a job runs: a phone that dozes off stops its USB port. A wish, not a condition.

export function stayAwake(browser: Navigator): () => void {
  // Older browsers have no wake lock, whatever the types say.
  const locks = (browser as { wakeLock?: WakeLock }).wakeLock;
  let over = false;
  let held: WakeLockSentinel | undefined;
  void locks?.request('screen').then(
    (lock) => {
      held = lock;
      if (over) void lock.release();
    },
    () => undefined,
  );
  return () => {
    over = true;
    void held?.release();
  };
}
