import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDataDirectory, removeEmptyRuntime } from './data-directory.ts';

describe('RUN-1: whose a data directory is', () => {
  let root = '';
  beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'data-directory-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  it.each([
    { name: 'an empty folder', names: [], isTaken: true },
    { name: 'a fresh file system', names: ['lost+found'], isTaken: true },
    { name: 'what a start left that was cut off', names: ['logs'], isTaken: true },
    { name: 'that of a platform, with files beside it', names: ['store', 'notes.txt'], isTaken: true },
    { name: 'a home', names: ['.bashrc', 'Documents'], isTaken: false },
    { name: 'a disk with one file', names: ['lost+found', 'backup.tar'], isTaken: false },
  ])('$name: taken $isTaken', ({ names, isTaken }) => {
    for (const name of names) {
      if (name.includes('.')) writeFileSync(path.join(root, name), '');
      else mkdirSync(path.join(root, name));
    }
    if (isTaken) return removeEmptyRuntime(ensureDataDirectory(root));
    expect(() => ensureDataDirectory(root)).toThrow(
      /holds files that are not of a platform .*: nothing was touched; name an empty or a new folder/,
    );
    expect(readdirSync(root).toSorted()).toEqual(names.toSorted());
  });
});
