import { describe, expect, it } from 'vitest';
import { ALLOW_MODE_CHANGE } from '#api/storage/snapshot.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredContent, aStoredSnapshot } from '#testing/builders/snapshot.ts';
import { whyNotRestorable } from './snapshot-source.ts';

const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'one' };
const status = { boundVolumeSnapshotContentName: 'snapcontent-u-one', readyToUse: true };

function whyNot(
  driver: string,
  claim: Parameters<typeof aStoredClaim>[0],
  annotations: Readonly<Record<string, string>> = {},
): string | undefined {
  const content = aStoredContent({ metadata: { annotations }, spec: { driver }, status: { readyToUse: true, snapshotHandle: 'snap-1' } });
  const { spec, ...rest } = claim ?? {};
  const made = aStoredClaim({ ...rest, spec: { dataSource, ...spec } });
  return whyNotRestorable(made, aStoredClass({ provisioner: driver }), {
    kind: 'snapshot',
    snapshot: aStoredSnapshot({ status }),
    content,
  });
}

describe('whyNotRestorable', () => {
  it.each([
    { driver: 'topolvm.io', modes: ['ReadWriteMany'], says: 'can be ReadWriteOnce, ReadWriteOncePod' },
    { driver: 'topolvm.io', modes: ['ReadWriteOncePod'] },
    { driver: 'rook-ceph.rbd.csi.ceph.com', modes: ['ReadWriteOnce', 'ReadOnlyMany'], says: 'spec.accessModes "ReadOnlyMany"' },
    { driver: 'rook-ceph.cephfs.csi.ceph.com', modes: ['ReadOnlyMany', 'ReadWriteMany'] },
    { driver: 'other.example', modes: ['ReadWriteMany'] },
  ])('SNAP-4: $driver, $modes', ({ driver, modes, says }) => {
    const why = whyNot(driver, { accessModes: modes });
    if (says === undefined) expect(why).toBeUndefined();
    else expect(why).toContain(says);
  });

  it('another volume mode only where the content allows it', () => {
    const block = { spec: { volumeMode: 'Block' } };
    expect(whyNot('other.example', block)).toContain('its volumeMode is Filesystem and that of the claim Block');
    expect(whyNot('other.example', block, { [ALLOW_MODE_CHANGE]: 'false' })).toBeDefined();
    expect(whyNot('other.example', block, { [ALLOW_MODE_CHANGE]: 'true' })).toBeUndefined();
  });
});
