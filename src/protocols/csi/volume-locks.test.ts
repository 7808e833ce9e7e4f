import { describe, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { settle } from '#testing/fake-clock.ts';
import { LockedController, LockedGroupController, LockedNode } from './locked-services.ts';
import { UnimplementedController, UnimplementedGroupController, UnimplementedNode } from './unimplemented.ts';
import { MAX_WAITING_PER_VOLUME, VolumeLocks } from './volume-locks.ts';

/** Work that ends when told, and tells what started. */
function gate(): {
  readonly started: string[];
  readonly work: (name: string) => () => Promise<string>;
  readonly open: (name: string) => void;
} {
  const started: string[] = [];
  const gates = new Map<string, () => void>();
  return {
    started,
    work: (name) => () => {
      started.push(name);
      return new Promise((resolve) => gates.set(name, () => resolve(name)));
    },
    open: (name) => gates.get(name)?.(),
  };
}

describe('VolumeLocks', () => {
  it('runs work of one volume one after the other and other volumes at once', async () => {
    const locks = new VolumeLocks();
    const { started, work, open } = gate();
    const first = locks.run('v', {}, work('a'));
    const second = locks.run('v', {}, work('b'));
    void locks.run('w', {}, work('c'));
    await settle();
    expect(started).toEqual(['a', 'c']);
    open('a');
    await first;
    await settle();
    expect(started).toEqual(['a', 'c', 'b']);
    open('b');
    await expect(second).resolves.toBe('b');
  });

  it('goes on after work that failed', async () => {
    const locks = new VolumeLocks();
    await expect(locks.run('v', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(locks.run('v', {}, async () => 1)).resolves.toBe(1);
  });

  it('drops a waiter whose caller gave up, without running its work', async () => {
    const locks = new VolumeLocks();
    const { started, work, open } = gate();
    const first = locks.run('v', {}, work('a'));
    const abort = new AbortController();
    const gone = locks.run('v', { signal: abort.signal }, work('b'));
    const third = locks.run('v', {}, work('c'));
    abort.abort();
    await expect(gone).rejects.toMatchObject({ code: 'Canceled' });
    await settle();
    open('a');
    await first;
    await settle();
    expect(started).toEqual(['a', 'c']);
    open('c');
    await third;
  });

  it('answers Aborted when too many wait', async () => {
    const locks = new VolumeLocks();
    const { work } = gate();
    for (let index = 0; index <= MAX_WAITING_PER_VOLUME; index += 1) void locks.run('v', {}, work(String(index)));
    await expect(locks.run('v', {}, work('late'))).rejects.toMatchObject({ code: 'Aborted', reason: 'OperationPending' });
  });
});

describe('LockedController and LockedNode', () => {
  it('share one lock per volume', async () => {
    const { started, work, open } = gate();
    class Controller extends UnimplementedController {
      override async deleteVolume(): Promise<Record<string, never>> {
        await work('delete')();
        return {};
      }
    }
    class Node extends UnimplementedNode {
      override async nodeStageVolume(): Promise<Record<string, never>> {
        await work('stage')();
        return {};
      }
    }
    const locks = new VolumeLocks();
    const staging = new LockedNode(new Node(), locks).nodeStageVolume({ volumeId: 'v' }, {});
    const deleting = new LockedController(new Controller(), locks).deleteVolume({ volumeId: 'v' }, {});
    await settle();
    expect(started).toEqual(['stage']);
    open('stage');
    await staging;
    await settle();
    open('delete');
    await deleting;
    expect(started).toEqual(['stage', 'delete']);
  });

  it('know what is made under a name by the id that it will have', async () => {
    const { started, work, open } = gate();
    const run = async (what: string): Promise<Record<string, never>> => {
      await work(what)();
      return {};
    };
    class Controller extends UnimplementedController {
      override deleteVolume = () => run('delete volume');
      override createVolume = () => run('create volume');
      override deleteSnapshot = () => run('delete snapshot');
      override createSnapshot = () => run('create snapshot');
    }
    class Groups extends UnimplementedGroupController {
      override deleteVolumeGroupSnapshot = () => run('delete group');
      override createVolumeGroupSnapshot = () => run('create group');
    }
    const locks = new VolumeLocks();
    const ids = {
      volumeIdOf: (name: string) => `v-${name}`,
      snapshotIdOf: (name: string) => `s-${name}`,
      groupIdOf: (name: string) => `g-${name}`,
    };
    const controller = new LockedController(new Controller(), locks, ids);
    const groups = new LockedGroupController(new Groups(), locks, ids);
    const running = [
      controller.deleteVolume({ volumeId: 'v-a' }, {}),
      controller.createVolume({ name: 'a' }, {}),
      controller.deleteSnapshot({ snapshotId: 's-a' }, {}),
      controller.createSnapshot({ name: 'a' }, {}),
      groups.deleteVolumeGroupSnapshot({ groupSnapshotId: 'g-a' }, {}),
      groups.createVolumeGroupSnapshot({ name: 'a' }, {}),
    ];
    await settle();
    expect(started).toEqual(['delete volume', 'delete snapshot', 'delete group']);
    for (const what of started.splice(0)) open(what);
    await settle();
    expect(started).toEqual(['create volume', 'create snapshot', 'create group']);
    for (const what of started) open(what);
    await Promise.all(running);
  });

  it.each([
    { name: 'is being made', work: (locked: LockedController) => locked.createVolume({ name: 'a' }, {}), code: 'Aborted' },
    { name: 'is being deleted', work: (locked: LockedController) => locked.deleteVolume({ volumeId: 'v-a' }, {}), code: 'Aborted' },
    { name: 'is nowhere', work: (locked: LockedController) => locked.createVolume({ name: 'b' }, {}), code: 'NotFound' },
  ])('VOL-5: answer $code for a volume that $name', async ({ work: begin, code }) => {
    const { work, open } = gate();
    class Controller extends UnimplementedController {
      override createVolume = async () => (await work('change')(), {});
      override deleteVolume = async () => (await work('change')(), {});
      override controllerGetVolume = async (): Promise<never> => {
        // why within the look: what is looked for may be there by the time that the look has failed
        open('change');
        await settle();
        throw new PlatformError({ code: 'NotFound', reason: 'VolumeNotFound', message: 'no such volume' });
      };
    }
    const controller = new LockedController(new Controller(), new VolumeLocks(), { volumeIdOf: (name) => `v-${name}` });
    const running = begin(controller);
    await settle();
    await expect(controller.controllerGetVolume({ volumeId: 'v-a' }, {})).rejects.toMatchObject({ code });
    await running;
  });
});
