import { join } from 'node:path';
import type { Exec } from '#kit/exec.ts';
import { isPresent, listNames } from '#linux/small-files.ts';
import { readMountTable } from '#linux/mount-table.ts';

/** Where iproute2 keeps named network namespaces (ip-netns(8)). */
const NAMESPACES_DIR = '/run/netns';

/** The path that a container joins. */
export function networkNamespacePath(name: string): string {
  return join(NAMESPACES_DIR, name);
}

/** Names of this node's namespaces. */
export async function listNetworkNamespaces(prefix: string): Promise<string[]> {
  return (await listNames(NAMESPACES_DIR)).filter((name) => name.startsWith(prefix)).sort();
}

/** Makes sure that the namespace exists and its loopback is up. */
export async function ensureNetworkNamespace(exec: Exec, name: string): Promise<void> {
  // why: a name that exists already (a crash after adding) is the wished state, but a file that nothing is mounted on is half of it (ip was killed)
  const isNamed = await isPresent(networkNamespacePath(name));
  const isWhole = await isNamespaceWhole(name);
  if (isNamed && !isWhole) await removeNetworkNamespace(exec, name);
  if (!isWhole) await exec.run(['ip', 'netns', 'add', name]);
  await exec.run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
}

/** Removes the namespace where it exists. */
export async function removeNetworkNamespace(exec: Exec, name: string): Promise<void> {
  if (await isPresent(networkNamespacePath(name))) await exec.run(['ip', 'netns', 'delete', name]);
}

/** True where the name stands for a namespace: `ip` that was killed may leave a file that nothing is mounted on. */
export async function isNamespaceWhole(name: string): Promise<boolean> {
  const path = networkNamespacePath(name);
  if (!(await isPresent(path))) return false;
  return (await readMountTable()).some((mount) => mount.mountPoint === path);
}
