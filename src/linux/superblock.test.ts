import { describe, expect, it } from 'vitest';
import { parseSuperblock, SUPERBLOCK_BYTES } from './superblock.ts';

function ext4(blocks: bigint, is64Bit: boolean): Buffer {
  const bytes = Buffer.alloc(SUPERBLOCK_BYTES);
  bytes.writeUInt16LE(0xef53, 1024 + 0x38);
  bytes.writeUInt32LE(Number(blocks & 0xffffffffn), 1024 + 0x4);
  bytes.writeUInt32LE(Number(blocks >> 32n), 1024 + 0x150);
  bytes.writeUInt32LE(2, 1024 + 0x18);
  bytes.writeUInt32LE(is64Bit ? 0x80 : 0, 1024 + 0x60);
  return bytes;
}

function withErrors(bytes: Buffer): Buffer {
  bytes.writeUInt16LE(0x3, 1024 + 0x3a);
  return bytes;
}

function withBlockShift(shift: number): Buffer {
  const bytes = ext4(5n, false);
  bytes.writeUInt32LE(shift, 1024 + 0x18);
  return bytes;
}

function xfs(): Buffer {
  const bytes = Buffer.alloc(SUPERBLOCK_BYTES);
  bytes.write('XFSB');
  bytes.writeUInt32BE(4096, 4);
  bytes.writeBigUInt64BE(100n, 8);
  return bytes;
}

describe('parseSuperblock', () => {
  it.each([
    { name: 'ext4 in 4 KiB blocks', bytes: ext4(256n, false), is: { fsType: 'ext4', sizeBytes: 1048576n } },
    {
      name: 'ext4 with more than 2^32 blocks',
      bytes: ext4((1n << 32n) + 1n, true),
      is: { fsType: 'ext4', sizeBytes: ((1n << 32n) + 1n) * 4096n },
    },
    { name: 'old ext4, whose upper half means nothing', bytes: ext4((5n << 32n) + 1n, false), is: { fsType: 'ext4', sizeBytes: 4096n } },
    { name: 'ext4 that must be checked', bytes: withErrors(ext4(1n, false)), is: { fsType: 'ext4', sizeBytes: 4096n, hasErrors: true } },
    { name: 'xfs', bytes: xfs(), is: { fsType: 'xfs', sizeBytes: 409600n } },
    { name: 'zeros', bytes: Buffer.alloc(SUPERBLOCK_BYTES), is: undefined },
    { name: 'text', bytes: Buffer.alloc(SUPERBLOCK_BYTES, 'raw data'), is: undefined },
    { name: 'a short image', bytes: Buffer.alloc(10), is: undefined },
  ])('recognises $name', ({ bytes, is }) => {
    expect(parseSuperblock(bytes)).toEqual(is);
  });

  it.each([{ shift: 7 }, { shift: 0x3f000000 }, { shift: 0xffffffff }])(
    'takes raw data with the magic of ext4 and blocks of 2^(10+$shift) bytes for none, whoever wrote it',
    ({ shift }) => {
      // why no toEqual: a size of a hundred megabytes of digits would be printed
      expect(parseSuperblock(withBlockShift(shift)) === undefined).toBe(true);
    },
  );
});
