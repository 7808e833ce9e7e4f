import { instanceOf } from '../node-paths.ts';

// why so short: an interface's name has at most 15 characters (IFNAMSIZ)

/** The bridge that joins a node's pods, named after the node's directory. Pure. */
export function bridgeName(nodeDir: string): string {
  return `stw${instanceOf(nodeDir)}`;
}

/** What the node's ends of its pods' links are named with. Pure. */
export function linkPrefix(nodeDir: string): string {
  return `sw${instanceOf(nodeDir)}-`;
}

/** A hardware address that is always the same for an IPv4 address, so that no neighbour remembers an older one. Pure. */
export function hardwareAddress(address: string): string {
  const parts = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['0a', '58', ...parts].join(':');
}
