import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const CACHE = path.join(import.meta.dirname, '..', '..', '.cache', 'clients');

/**
 * The path of Debian's etcd, unpacked into `.cache/` the first time (nothing is installed, no service starts);
 * undefined where there are no Debian packages.
 */
export function ensureEtcd(): string | undefined {
  const folder = path.join(CACHE, 'etcd');
  const program = path.join(folder, 'usr', 'bin', 'etcd');
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  const making = mkdtempSync(path.join(CACHE, 'etcd.'));
  try {
    execFileSync('apt-get', ['download', '-qq', 'etcd-server'], { cwd: making, stdio: 'ignore' });
    const packed = readdirSync(making).find((name) => name.endsWith('.deb'));
    if (packed === undefined) return undefined;
    execFileSync('dpkg-deb', ['-x', packed, '.'], { cwd: making, stdio: 'ignore' });
    rmSync(path.join(making, packed));
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
    return program;
  } catch {
    return undefined;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}
