import type { AccessMode } from '../access-modes.ts';
import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { volumeModeOf } from '../storage/claim.ts';
import { restoreSourceKeyOf } from '../storage/snapshot.ts';
import type { ClassCapabilities } from './resolve.ts';

const ONCE: readonly AccessMode[] = ['ReadWriteOnce', 'ReadWriteOncePod'];

/** What volumes from snapshots of community drivers can be (requirement SNAP-4), by the end of the driver's name: operators put theirs before it. */
const RESTORED: readonly { readonly driver: string; readonly modes: readonly AccessMode[] }[] = [
  { driver: 'topolvm.io', modes: ONCE },
  { driver: 'topolvm.cybozu.com', modes: ONCE },
  { driver: 'rbd.csi.ceph.com', modes: ONCE },
  { driver: 'cephfs.csi.ceph.com', modes: [...ONCE, 'ReadOnlyMany', 'ReadWriteMany'] },
];

/** Why a volume of `driver` that is made from a snapshot can't have the access modes of `claim`; undefined where it can, nothing is known, or it is made from none. Pure. */
export function whyModesUnrestorable(claim: PersistentVolumeClaim, driver: string): string | undefined {
  const known = RESTORED.find((row) => driver === row.driver || driver.endsWith(`.${row.driver}`));
  return known === undefined || restoreSourceKeyOf(claim) === undefined ? undefined : whyNotAmong(claim, known.modes, driver);
}

/** As {@link whyModesUnrestorable}, by what is told of the class: a copy of a snapshot is never made in vain where somebody has said so. Pure. */
export function whyModesNotTold(claim: PersistentVolumeClaim, capabilities: ClassCapabilities, driver: string): string | undefined {
  const told = volumeModeOf(claim.spec) === 'Block' ? capabilities.blockAccessModes : capabilities.accessModes;
  return told === undefined || restoreSourceKeyOf(claim) === undefined ? undefined : whyNotAmong(claim, told.value, driver);
}

function whyNotAmong({ spec }: PersistentVolumeClaim, modes: readonly AccessMode[], driver: string): string | undefined {
  // why: what one pod may use, one node may
  const allowed = modes.includes('ReadWriteOnce') ? [...modes, ...ONCE] : modes;
  const refused = spec.accessModes?.find((mode) => !allowed.some((one) => one === mode));
  if (refused === undefined) return undefined;
  return `spec.accessModes ${JSON.stringify(refused)}: a volume of the driver ${JSON.stringify(driver)} that is made from a snapshot can be ${modes.join(', ')}: ask for ${modes.length === 1 ? 'that' : 'one of these'}`;
}
