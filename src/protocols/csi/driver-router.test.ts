import { beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import type { CsiClient } from './client.ts';
import { routeDriver } from './driver-router.ts';
import type * as csi from './generated/messages.ts';
import { UnimplementedController } from './unimplemented.ts';

const KEY = 'topology.example/node';

/** The driver of one node: volumes in a set, and a switch for a node that does not answer. */
class NodeController extends UnimplementedController {
  readonly volumes = new Set<string>();
  readonly calls: string[] = [];
  isSilent = false;
  refusesQuestions = false;
  freeBytes = 0n;
  /** Throws after the volume was made. */
  afterCreate: () => void = () => {};

  override async createVolume({ name = '' }: csi.CreateVolumeRequest): Promise<csi.CreateVolumeResponse> {
    this.#hear(`create ${name}`);
    this.volumes.add(name);
    this.afterCreate();
    return { volume: { volumeId: name } };
  }

  override async deleteVolume({ volumeId = '' }: csi.DeleteVolumeRequest): Promise<csi.DeleteVolumeResponse> {
    this.#hear(`delete ${volumeId}`);
    requireId(volumeId);
    this.volumes.delete(volumeId);
    return {};
  }

  override async controllerGetVolume({ volumeId = '' }: csi.ControllerGetVolumeRequest): Promise<csi.ControllerGetVolumeResponse> {
    this.#hear(`get ${volumeId}`);
    requireId(this.refusesQuestions ? '' : volumeId);
    if (!this.volumes.has(volumeId)) throw new PlatformError({ code: 'NotFound', reason: 'VolumeNotFound', message: 'no such volume' });
    return { volume: { volumeId } };
  }

  override async getCapacity(): Promise<csi.GetCapacityResponse> {
    return { availableCapacity: this.freeBytes, maximumVolumeSize: this.freeBytes };
  }

  override async listVolumes({ startingToken = '' }: csi.ListVolumesRequest): Promise<csi.ListVolumesResponse> {
    const [first, ...rest] = [...this.volumes].filter((id) => id > startingToken);
    return {
      entries: first === undefined ? [] : [{ volume: { volumeId: first } }],
      nextToken: rest.length === 0 || first === undefined ? '' : first,
    };
  }

  #hear(call: string): void {
    this.calls.push(call);
    if (this.isSilent) throw new PlatformError({ code: 'DeadlineExceeded', reason: 'DeadlineExceeded', message: 'no answer' });
  }
}

function requireId(volumeId: string): void {
  if (volumeId === '') throw new PlatformError({ code: 'InvalidArgument', reason: 'RequestRefused', message: 'volume_id: is required' });
}

let clock: FakeClock;
let one: NodeController;
let two: NodeController;
let driver: CsiClient;
beforeEach(() => {
  clock = new FakeClock();
  one = new NodeController();
  two = new NodeController();
  start();
});

function start(): void {
  const endpoint = (nodeName: string, controller: NodeController) => ({
    nodeName,
    segments: { [KEY]: nodeName },
    client: Object.assign(new FakeDriver(), { controller }),
  });
  driver = routeDriver({ endpoints: [endpoint('n1', one), endpoint('n2', two)], clock, volumeIdOf: (name) => name });
}

function on(...nodeNames: readonly string[]): csi.TopologyRequirement {
  const topologies = nodeNames.map((name) => ({ segments: { [KEY]: name } }));
  return { requisite: topologies, preferred: topologies };
}

function create(
  name: string,
  wanted: csi.TopologyRequirement,
  { mayExist = false, isPlaced = false } = {},
): Promise<csi.CreateVolumeResponse> {
  return driver.controller.createVolume({ name, accessibilityRequirements: wanted }, { mayExist, isPlaced });
}

function volumesOfAll(): { readonly n1: readonly string[]; readonly n2: readonly string[] } {
  return { n1: [...one.volumes], n2: [...two.volumes] };
}

describe('where a volume is made', () => {
  it.each([
    { name: 'on the only node that is wanted', wanted: on('n2'), silent: [], expected: 'n2' },
    { name: 'on the node that is preferred', wanted: on('n2', 'n1'), silent: [], expected: 'n2' },
    { name: 'on the next one while the preferred one is silent', wanted: on('n2', 'n1'), silent: ['n2'], expected: 'n1' },
  ])('$name', async ({ wanted, silent, expected }) => {
    two.isSilent = silent.includes('n2');
    await create('v', wanted);
    expect({ n1: one.volumes.has('v'), n2: two.volumes.has('v') }).toEqual({ n1: expected === 'n1', n2: expected === 'n2' });
  });

  it('where what it is copied from lies, wherever the request would have it', async () => {
    two.volumes.add('source');
    const volumeContentSource = { volume: { volumeId: 'source' } };
    await driver.controller.createVolume({ name: 'copy', volumeContentSource, accessibilityRequirements: on('n1', 'n2') }, {});
    expect([...one.volumes]).toEqual([]);
    expect([...two.volumes]).toEqual(['source', 'copy']);
  });

  it('never twice: a volume of that name is found on whichever node it is', async () => {
    one.volumes.add('v');
    await create('v', on('n2', 'n1'));
    expect([...two.volumes]).toEqual([]);
  });

  it('never twice: a creation whose end is not known goes on at the same node', async () => {
    two.afterCreate = () => {
      throw new PlatformError({ code: 'DeadlineExceeded', reason: 'DeadlineExceeded', message: 'late' });
    };
    await expect(create('v', on('n2', 'n1'))).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    two.isSilent = true;
    await expect(create('v', on('n2', 'n1'))).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    expect([...one.volumes]).toEqual([]);
  });

  it.each([
    { name: 'as this process remembers', isRestarted: false },
    { name: 'after a restart', isRestarted: true },
  ])('never twice: what was begun where it is not wanted any more is deleted there: $name', async ({ isRestarted }) => {
    one.afterCreate = () => {
      throw new PlatformError({ code: 'Unavailable', reason: 'Unavailable', message: 'the connection broke' });
    };
    await expect(create('v', on('n1', 'n2'))).rejects.toMatchObject({ code: 'Unavailable' });
    if (isRestarted) start();
    await create('v', on('n2'), { mayExist: true });
    expect(volumesOfAll()).toEqual({ n1: [], n2: ['v'] });
  });

  it.each([
    { name: 'begins nothing elsewhere while a node is silent that may have begun it', isPlaced: false, expected: [] },
    { name: 'does not wait for such a node where a pod goes', isPlaced: true, expected: ['v'] },
  ])('$name', async ({ isPlaced, expected }) => {
    one.isSilent = true;
    const made = create('v', on('n2'), { mayExist: true, isPlaced });
    if (isPlaced) await made;
    else await expect(made).rejects.toMatchObject({ code: 'Unavailable', reason: 'NodeDriverSilent' });
    expect([...two.volumes]).toEqual(expected);
  });

  it('on the next node where the preferred one is full, and nowhere where all are', async () => {
    const fullOnce = (node: NodeController) => () => {
      node.volumes.clear();
      throw new PlatformError({ code: 'ResourceExhausted', reason: 'PoolFull', message: 'full' });
    };
    two.afterCreate = fullOnce(two);
    await create('v', on('n2', 'n1'));
    expect(volumesOfAll()).toEqual({ n1: ['v'], n2: [] });
    one.afterCreate = fullOnce(one);
    await expect(create('w', on('n2', 'n1'))).rejects.toMatchObject({ code: 'ResourceExhausted' });
    await expect(create('x', on('n1'))).rejects.toMatchObject({ code: 'ResourceExhausted' });
  });

  it('begins nothing while no node answers, so that the first that is back makes it', async () => {
    one.isSilent = two.isSilent = true;
    await expect(create('v', on('n2', 'n1'))).rejects.toMatchObject({ code: 'Unavailable', reason: 'NodeDriverSilent' });
    one.isSilent = false;
    await clock.step(5_000);
    await create('v', on('n2', 'n1'));
    expect([...one.volumes]).toEqual(['v']);
  });
});

describe('a node that is slow to answer while a claim comes and goes', () => {
  it.each([
    { name: 'as this process remembers', isRestarted: false },
    { name: 'after a restart', isRestarted: true },
  ])('VOL-5: keeps no volume, and none is made elsewhere meanwhile: $name', async ({ isRestarted }) => {
    await create('v', on('n1', 'n2'));
    if (isRestarted) start();
    const search = async (): Promise<void> => {
      await create('v', on('n1', 'n2'), { mayExist: true });
      await driver.controller.deleteVolume({ volumeId: 'v' }, {});
    };
    one.isSilent = true;
    await expect(search()).rejects.toThrow(/no answer|does not answer/);
    await expect(search()).rejects.toThrow(/no answer|does not answer/);
    expect(volumesOfAll()).toEqual({ n1: ['v'], n2: [] });
    one.isSilent = false;
    await clock.step(5_000);
    await search();
    expect(volumesOfAll()).toEqual({ n1: [], n2: [] });
  });

  it('VOL-5: is waited for by a deletion where nobody knows that the volume is nowhere else', async () => {
    for (const node of [one, two]) node.volumes.add('v');
    one.isSilent = true;
    await expect(driver.controller.deleteVolume({ volumeId: 'v' }, {})).rejects.toMatchObject({ reason: 'NodeDriverSilent' });
    expect(volumesOfAll()).toEqual({ n1: ['v'], n2: [] });
    one.isSilent = false;
    await clock.step(5_000);
    await driver.controller.deleteVolume({ volumeId: 'v' }, {});
    expect(volumesOfAll()).toEqual({ n1: [], n2: [] });
  });

  it('is waited for by the deletion of what was begun on two nodes', async () => {
    one.isSilent = true;
    await expect(create('v', on('n1'))).rejects.toThrow('no answer');
    await create('v', on('n2'));
    await expect(driver.controller.deleteVolume({ volumeId: 'v' }, {})).rejects.toMatchObject({ reason: 'NodeDriverSilent' });
  });

  it('is not waited for where it refused the volume itself', async () => {
    one.afterCreate = () => {
      one.volumes.clear();
      throw new PlatformError({ code: 'ResourceExhausted', reason: 'CapacityExhausted', message: 'full' });
    };
    await expect(create('v', on('n1'))).rejects.toThrow('full');
    one.isSilent = true;
    await create('v', on('n1', 'n2'), { mayExist: true });
    await driver.controller.deleteVolume({ volumeId: 'v' }, {});
    expect(volumesOfAll()).toEqual({ n1: [], n2: [] });
  });
});

describe('a volume that exists', () => {
  it('is deleted where it lies', async () => {
    two.volumes.add('v');
    await driver.controller.deleteVolume({ volumeId: 'v' }, {});
    expect([...two.volumes]).toEqual([]);
    expect(one.calls).not.toContain('delete v');
  });

  it('is deleted wherever it lies: a node that came back may have made it before', async () => {
    for (const node of [one, two]) node.volumes.add('v');
    await driver.controller.deleteVolume({ volumeId: 'v' }, {});
    expect([...one.volumes, ...two.volumes]).toEqual([]);
  });

  it('is deleted where nobody has it', async () => {
    expect(await driver.controller.deleteVolume({ volumeId: 'v' }, {})).toEqual({});
  });

  it('has an id, or the driver says so', async () => {
    await expect(driver.controller.deleteVolume({}, {})).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  it('is deleted also where the question for it is refused, and never made a second time for that', async () => {
    two.volumes.add('v');
    two.refusesQuestions = true;
    await expect(create('v', on('n1', 'n2'), { mayExist: true })).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringMatching(
        /^the driver on n2 \(.*\) does not say what it has, and the volume v may lie there: .* until it says so$/,
      ),
    });
    await driver.controller.deleteVolume({ volumeId: 'v' }, {});
    expect(volumesOfAll()).toEqual({ n1: [], n2: [] });
  });

  it('is found although another node is silent', async () => {
    await create('v', on('n1', 'n2'));
    two.isSilent = true;
    await driver.controller.deleteVolume({ volumeId: 'v' }, {});
    expect([...one.volumes]).toEqual([]);
  });

  it('is not taken for deleted while the node that may have it is silent', async () => {
    two.volumes.add('v');
    two.isSilent = true;
    await expect(driver.controller.deleteVolume({ volumeId: 'v' }, {})).rejects.toMatchObject({
      code: 'Unavailable',
      reason: 'NodeDriverSilent',
      message: expect.stringContaining('n2'),
    });
    two.isSilent = false;
    await clock.step(5_000);
    await driver.controller.deleteVolume({ volumeId: 'v' }, {});
    expect([...two.volumes]).toEqual([]);
  });

  it('a silent node is not asked again at once', async () => {
    two.isSilent = true;
    for (const volumeId of ['a', 'b', 'c']) await driver.controller.deleteVolume({ volumeId }, {}).catch(() => {});
    expect(two.calls).toEqual(['get a']);
  });
});

describe('all nodes together', () => {
  it.each([
    { name: 'of one node', topology: { segments: { [KEY]: 'n2' } }, expected: 30n },
    { name: 'of all', topology: undefined, expected: 40n },
    { name: 'of a node that is not there', topology: { segments: { [KEY]: 'n9' } }, expected: 0n },
  ])('tells the free space $name', async ({ topology, expected }) => {
    one.freeBytes = 10n;
    two.freeBytes = 30n;
    const { availableCapacity } = await driver.controller.getCapacity({ accessibleTopology: topology }, {});
    expect(availableCapacity).toBe(expected);
  });

  it('lists the volumes of every node, page by page', async () => {
    for (const id of ['a', 'c']) one.volumes.add(id);
    for (const id of ['b', 'd']) two.volumes.add(id);
    const seen: (string | undefined)[] = [];
    let startingToken = '';
    do {
      const page = await driver.controller.listVolumes({ startingToken }, {});
      seen.push(...(page.entries ?? []).map(({ volume }) => volume?.volumeId));
      startingToken = page.nextToken ?? '';
    } while (startingToken !== '');
    expect(seen).toEqual(['a', 'c', 'b', 'd']);
    await expect(driver.controller.listVolumes({ startingToken: 'x' }, {})).rejects.toMatchObject({ reason: 'InvalidListToken' });
  });
});
