import { closeSync, openSync } from 'node:fs';

/** Makes an empty file that only this user can read. Does nothing where it exists by now. */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw error;
  }
}
