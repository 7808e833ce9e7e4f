import { describe, expect, it } from 'vitest';
import type { CreateVolumeRequest } from '#protocols/csi/generated/messages.ts';
import { chooseSize, parseCreateRequest, sizesIn, TOPOLOGY_KEY } from './create-request.ts';
import { parseMountFlags } from './mount-flags.ts';

const MIB = 1n << 20n;
const context = { nodeName: 'node-1', defaultType: 'file' } as const;

function request(over: Partial<CreateVolumeRequest> = {}): CreateVolumeRequest {
  return {
    name: 'pvc-1',
    volumeCapabilities: [{ mount: { fsType: 'ext4' }, accessMode: { mode: 'SINGLE_NODE_WRITER' } }],
    capacityRange: { requiredBytes: 10n * MIB },
    ...over,
  };
}

describe('parseCreateRequest', () => {
  it("VOL-4: reads what is asked for and leaves the sidecars' keys alone", () => {
    const parameters = { type: 'directory', 'csi.storage.k8s.io/pvc/name': 'data' };
    expect(parseCreateRequest(request({ parameters }), context)).toEqual({
      id: 'pvc-1',
      name: 'pvc-1',
      type: 'directory',
      sizeBytes: 10n * MIB,
      fsType: 'ext4',
    });
  });

  const origin = { reference: { kind: 'snapshot', id: 's' }, type: 'file', sizeBytes: 20n * MIB, fsType: 'xfs' } as const;
  const anything = { volumeCapabilities: [{ mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' as const } }] };
  it.each([
    { name: 'has its size', asked: undefined, sizeBytes: 20n * MIB },
    { name: 'may be larger', asked: 400n * MIB, sizeBytes: 400n * MIB },
  ])('CLASS-5: a volume that is made from something has its filesystem and $name', ({ asked, sizeBytes }) => {
    const wanted = request({ ...anything, capacityRange: asked === undefined ? {} : { requiredBytes: asked } });
    const source = { ...origin, fsType: 'ext4' };
    expect(parseCreateRequest(wanted, { ...context, source })).toMatchObject({ sizeBytes, fsType: 'ext4', source: origin.reference });
  });

  it('copies at its size what looks like a filesystem that it would not make so small', () => {
    const wanted = request({ capacityRange: {}, volumeCapabilities: [{ block: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } }] });
    expect(parseCreateRequest(wanted, { ...context, source: origin }).sizeBytes).toBe(20n * MIB);
    const blank = { ...origin, fsType: undefined };
    const asXfs = request({
      capacityRange: {},
      volumeCapabilities: [{ mount: { fsType: 'xfs' }, accessMode: { mode: 'SINGLE_NODE_WRITER' } }],
    });
    expect(() => parseCreateRequest(asXfs, { ...context, source: blank })).toThrow('too small for xfs');
  });

  it.each([
    { name: 'smaller than it', over: { capacityRange: { requiredBytes: 10n * MIB } }, code: 'OutOfRange', says: 'ask for 20Mi or more' },
    { name: 'limited to less', over: { capacityRange: { limitBytes: 10n * MIB } }, code: 'OutOfRange', says: 'more than the limit' },
    {
      name: 'of another type',
      over: { parameters: { type: 'directory' } },
      code: 'InvalidArgument',
      says: 'use a class with the parameter type: file',
    },
    {
      name: 'with another filesystem',
      over: { capacityRange: {}, volumeCapabilities: request().volumeCapabilities },
      code: 'InvalidArgument',
      says: 'xfs is on the source',
    },
  ])('refuses a volume made from something and $name', ({ over, code, says }) => {
    expect(() => parseCreateRequest(request({ ...anything, ...over }), { ...context, source: origin })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(says) }),
    );
  });

  it('makes a safe id of any name, another for each', () => {
    const ids = ['../../etc', '.', 'A', 'ü', `x${'y'.repeat(100)}`].map((name) => parseCreateRequest(request({ name }), context).id);
    for (const id of ids) expect(id).toMatch(/^h-[0-9a-f]{64}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    { name: 'no name', over: { name: '' }, code: 'InvalidArgument', says: 'name: is required' },
    { name: 'a long name', over: { name: 'x'.repeat(129) }, code: 'InvalidArgument', says: '128 bytes' },
    { name: 'no capability', over: { volumeCapabilities: [] }, code: 'InvalidArgument', says: 'at least one' },
    {
      name: 'neither block nor mount',
      over: { volumeCapabilities: [{ accessMode: { mode: 'SINGLE_NODE_WRITER' as const } }] },
      code: 'InvalidArgument',
      says: 'one of block and mount',
    },
    { name: 'no access mode', over: { volumeCapabilities: [{ block: {} }] }, code: 'InvalidArgument', says: 'access_mode: is required' },
    { name: 'an unknown parameter', over: { parameters: { pool: 'x' } }, code: 'InvalidArgument', says: 'the only parameter is type' },
    {
      name: 'an unknown type',
      over: { parameters: { type: 'disk' } },
      code: 'InvalidArgument',
      says: '"disk" is not a type; use file or directory',
    },
    {
      name: 'an unknown filesystem',
      over: { volumeCapabilities: [{ mount: { fsType: 'ntfs' }, accessMode: { mode: 'SINGLE_NODE_WRITER' as const } }] },
      code: 'InvalidArgument',
      says: 'use ext4 or xfs',
    },
    {
      name: 'a block device of a directory',
      over: { parameters: { type: 'directory' }, volumeCapabilities: [{ block: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' as const } }] },
      code: 'InvalidArgument',
      says: 'no block device',
    },
    { name: 'mutable parameters', over: { mutableParameters: { iops: '1' } }, code: 'InvalidArgument', says: 'attributes class' },
    {
      name: 'another node',
      over: { accessibilityRequirements: { requisite: [{ segments: { [TOPOLOGY_KEY]: 'node-2' } }] } },
      code: 'ResourceExhausted',
      says: 'node node-1 only',
    },
  ])('refuses $name', ({ over, code, says }) => {
    expect(() => parseCreateRequest(request(over), context)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(says) }),
    );
  });
});

describe('chooseSize', () => {
  it.each([
    { name: 'rounds up to whole MiB', range: { requiredBytes: 10n * MIB + 1n }, type: 'file' as const, size: 11n * MIB },
    { name: 'has a least size for images', range: { requiredBytes: 1n }, type: 'file' as const, size: 8n * MIB },
    { name: 'has a lower one for directories', range: { requiredBytes: 1n }, type: 'directory' as const, size: MIB },
    { name: 'takes 1 GiB where nothing is asked for', range: {}, type: 'file' as const, size: 1024n * MIB },
    { name: 'takes the limit where that is less', range: { limitBytes: 20n * MIB }, type: 'file' as const, size: 20n * MIB },
  ])('$name', ({ range, type, size }) => {
    expect(chooseSize(range, { type })).toBe(size);
  });

  it.each([
    {
      name: 'a limit that rounding passes',
      range: { requiredBytes: 10n * MIB + 1n, limitBytes: 10n * MIB + 2n },
      fsType: undefined,
      code: 'OutOfRange',
    },
    { name: 'a small xfs', range: { requiredBytes: 299n * MIB }, fsType: 'xfs', code: 'OutOfRange' },
    {
      name: 'a limit below the requirement',
      range: { requiredBytes: 2n * MIB, limitBytes: MIB },
      fsType: undefined,
      code: 'InvalidArgument',
    },
    { name: 'a negative size', range: { requiredBytes: -1n }, fsType: undefined, code: 'InvalidArgument' },
    { name: 'more than a file can have', range: { requiredBytes: 1n << 50n }, fsType: undefined, code: 'OutOfRange' },
  ])('refuses $name', ({ range, fsType, code }) => {
    expect(() => chooseSize(range, { type: 'file', fsType })).toThrow(expect.objectContaining({ code }));
  });
});

describe('sizesIn', () => {
  it.each([
    { name: 'whole MiB, because a volume takes no less', free: 10n * MIB + 1n, available: 10n * MIB, largest: 10n * MIB },
    { name: 'no volume larger than a file', free: 1n << 50n, available: 1n << 50n, largest: (1n << 44n) - MIB },
    { name: 'nothing', free: 0n, available: 0n, largest: 0n },
  ])('offers $name', ({ free, available, largest }) => {
    expect(sizesIn(free)).toEqual({ availableCapacity: available, maximumVolumeSize: largest });
  });
});

describe('parseMountFlags', () => {
  it('takes options one by one', () => {
    expect(parseMountFlags(['noatime,nodiratime', 'data=ordered'])).toEqual(['noatime', 'nodiratime', 'data=ordered']);
  });

  it.each([{ flag: 'loop' }, { flag: 'noatime,bind' }, { flag: 'offset=4096' }, { flag: 'x;y' }])('refuses $flag', ({ flag }) => {
    expect(() => parseMountFlags([flag])).toThrow(expect.objectContaining({ reason: 'RequestRefused' }));
  });
});
