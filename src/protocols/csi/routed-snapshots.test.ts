import { beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import type { CsiClient } from './client.ts';
import { routeDriver } from './driver-router.ts';
import type * as csi from './generated/messages.ts';
import { UnimplementedController, UnimplementedGroupController, UnimplementedSnapshotMetadata } from './unimplemented.ts';

/** A node that has one volume of its name, and groups and snapshots that are made there. */
class NodeDriver extends FakeDriver {
  readonly groups = new Set<string>();
  isDown = false;

  client(nodeName: string): CsiClient {
    const { groups } = this;
    const requireUp = (): void => {
      if (this.isDown) throw new PlatformError({ code: 'Unavailable', reason: 'Unavailable', message: 'no connection' });
    };
    const absent = (): never => {
      throw new PlatformError({ code: 'NotFound', reason: 'VolumeNotFound', message: 'not here' });
    };
    class Controller extends UnimplementedController {
      override async controllerGetVolume({ volumeId = '' }: csi.ControllerGetVolumeRequest): Promise<csi.ControllerGetVolumeResponse> {
        return volumeId === `on-${nodeName}` ? { volume: { volumeId } } : absent();
      }

      override async listSnapshots({ snapshotId = '' }: csi.ListSnapshotsRequest): Promise<csi.ListSnapshotsResponse> {
        return { entries: snapshotId === `snapshot-on-${nodeName}` ? [{ snapshot: { snapshotId } }] : [] };
      }
    }
    class Groups extends UnimplementedGroupController {
      override async createVolumeGroupSnapshot({
        name = '',
      }: csi.CreateVolumeGroupSnapshotRequest): Promise<csi.CreateVolumeGroupSnapshotResponse> {
        groups.add(name);
        return { groupSnapshot: { groupSnapshotId: name } };
      }

      override async deleteVolumeGroupSnapshot({
        groupSnapshotId = '',
      }: csi.DeleteVolumeGroupSnapshotRequest): Promise<csi.DeleteVolumeGroupSnapshotResponse> {
        requireUp();
        groups.delete(groupSnapshotId);
        return {};
      }

      override async getVolumeGroupSnapshot({
        groupSnapshotId = '',
      }: csi.GetVolumeGroupSnapshotRequest): Promise<csi.GetVolumeGroupSnapshotResponse> {
        requireUp();
        return groups.has(groupSnapshotId) ? { groupSnapshot: { groupSnapshotId } } : absent();
      }
    }
    class Metadata extends UnimplementedSnapshotMetadata {
      override async *getMetadataAllocated(): AsyncGenerator<csi.GetMetadataAllocatedResponse> {
        yield { volumeCapacityBytes: nodeName === 'one' ? 1n : 2n };
      }
    }
    return Object.assign(new FakeDriver(), {
      controller: new Controller(),
      groupController: new Groups(),
      snapshotMetadata: new Metadata(),
    });
  }
}

describe('a driver on two nodes', () => {
  let one: NodeDriver;
  let two: NodeDriver;
  let client: CsiClient;

  beforeEach(() => {
    [one, two] = [new NodeDriver(), new NodeDriver()];
    const endpoint = (nodeName: string, driver: NodeDriver) => ({ nodeName, segments: {}, client: driver.client(nodeName) });
    client = routeDriver({
      endpoints: [endpoint('one', one), endpoint('two', two)],
      clock: new FakeClock(),
      volumeIdOf: (name) => name,
    });
  });

  it('makes, finds and deletes a group where its volumes lie', async () => {
    await client.groupController.createVolumeGroupSnapshot({ name: 'g', sourceVolumeIds: ['on-two'] }, {});
    expect([one.groups.size, two.groups.size]).toEqual([0, 1]);
    const { groupSnapshot } = await client.groupController.getVolumeGroupSnapshot({ groupSnapshotId: 'g' }, {});
    expect(groupSnapshot).toEqual({ groupSnapshotId: 'g' });
    await client.groupController.deleteVolumeGroupSnapshot({ groupSnapshotId: 'g' }, {});
    await expect(client.groupController.getVolumeGroupSnapshot({ groupSnapshotId: 'g' }, {})).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('reads and deletes a group of one node while the other is down, and takes none for deleted that may lie there', async () => {
    one.groups.add('g');
    two.isDown = true;
    expect((await client.groupController.getVolumeGroupSnapshot({ groupSnapshotId: 'g' }, {})).groupSnapshot).toBeDefined();
    await client.groupController.deleteVolumeGroupSnapshot({ groupSnapshotId: 'g' }, {});
    expect(one.groups.size).toBe(0);
    await expect(client.groupController.deleteVolumeGroupSnapshot({ groupSnapshotId: 'h' }, {})).rejects.toMatchObject({
      reason: 'NodeDriverSilent',
      message: expect.stringContaining('the driver on two does not answer, and the group snapshot h may lie there'),
    });
  });

  it('lets the holder of the others say that a volume of a group is nowhere', async () => {
    await client.groupController.createVolumeGroupSnapshot({ name: 'g', sourceVolumeIds: ['nowhere', 'on-two'] }, {});
    expect([one.groups.size, two.groups.size]).toEqual([0, 1]);
  });

  it('refuses a group whose volumes nothing freezes together', async () => {
    const sourceVolumeIds = ['on-one', 'on-two'];
    await expect(client.groupController.createVolumeGroupSnapshot({ name: 'g', sourceVolumeIds }, {})).rejects.toMatchObject({
      reason: 'GroupAcrossNodes',
      message: expect.stringContaining('one and two'),
    });
  });

  it('asks for metadata where the snapshot lies', async () => {
    const answers = await Array.fromAsync(client.snapshotMetadata.getMetadataAllocated({ snapshotId: 'snapshot-on-two' }, {}));
    expect(answers).toEqual([{ volumeCapacityBytes: 2n }]);
  });
});
