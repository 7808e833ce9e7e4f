/** What the first bytes of an image say is on it. */
export interface Superblock {
  /** `ext4` stands for ext2 and ext3 too: the same kernel driver mounts all three. */
  readonly fsType: 'ext4' | 'xfs' | 'btrfs';
  /** The size that the filesystem believes to have; 0 where it is not read. */
  readonly sizeBytes: bigint;
  /** It says of itself that it must be checked: a growth was cut off, or the kernel met damage. */
  readonly hasErrors?: true;
}

/** How much of an image {@link parseSuperblock} wants to see. */
export const SUPERBLOCK_BYTES = 0x10048;

const EXT_OFFSET = 1024;
const EXT_MAGIC = 0xef53;
/** INCOMPAT_64BIT: block counts have upper halves (kernel Documentation/filesystems/ext4/super.rst). */
const EXT_INCOMPAT_64BIT = 0x80;
/** Largest s_log_block_size, 64 KiB blocks (kernel fs/ext4/ext4.h, EXT4_MAX_BLOCK_LOG_SIZE). */
const EXT_MAX_BLOCK_SHIFT = 6;
/** s_state EXT4_ERROR_FS (same page); resize2fs(8) sets it while it works. */
const EXT_ERRORS = 0x2;

/** Recognises a filesystem by its magic number; undefined where there is none of those that the driver knows. */
export function parseSuperblock(bytes: Buffer): Superblock | undefined {
  if (bytes.length >= 16 && bytes.toString('latin1', 0, 4) === 'XFSB') {
    // source: xfs_dsb in the kernel's fs/xfs/libxfs/xfs_format.h: magic, blocksize (be32), dblocks (be64)
    return { fsType: 'xfs', sizeBytes: BigInt(bytes.readUInt32BE(4)) * bytes.readBigUInt64BE(8) };
  }
  if (bytes.length >= EXT_OFFSET * 2 && isExt(bytes)) {
    const hasErrors = (bytes.readUInt16LE(EXT_OFFSET + 0x3a) & EXT_ERRORS) !== 0;
    return { fsType: 'ext4', sizeBytes: extSize(bytes), ...(hasErrors ? { hasErrors } : {}) };
  }
  if (bytes.length >= SUPERBLOCK_BYTES && bytes.toString('latin1', 0x10040, 0x10048) === '_BHRfS_M')
    return { fsType: 'btrfs', sizeBytes: 0n };
  return undefined;
}

/** The magic alone is two bytes, which raw data may have too; and whoever writes to a raw device may have put them there with numbers of any size. */
function isExt(bytes: Buffer): boolean {
  return bytes.readUInt16LE(EXT_OFFSET + 0x38) === EXT_MAGIC && bytes.readUInt32LE(EXT_OFFSET + 0x18) <= EXT_MAX_BLOCK_SHIFT;
}

function extSize(bytes: Buffer): bigint {
  const low = BigInt(bytes.readUInt32LE(EXT_OFFSET + 0x4));
  const is64Bit = (bytes.readUInt32LE(EXT_OFFSET + 0x60) & EXT_INCOMPAT_64BIT) !== 0;
  const high = is64Bit ? BigInt(bytes.readUInt32LE(EXT_OFFSET + 0x150)) : 0n;
  const blockBytes = 1024n << BigInt(bytes.readUInt32LE(EXT_OFFSET + 0x18));
  return ((high << 32n) | low) * blockBytes;
}
