import { RequestRefused } from '#protocols/csi/request-fields.ts';

/** Options that would change what is mounted or where, instead of how (mount(8)). */
const REFUSED: ReadonlySet<string> = new Set([
  'loop',
  'bind',
  'rbind',
  'move',
  'remount',
  'offset',
  'sizelimit',
  'helper',
  'shared',
  'rshared',
  'make-shared',
]);
const FLAG = /^[A-Za-z0-9_.:=+-]+$/;

/** Checks a class's mount options and returns them one by one. @throws RequestRefused */
export function parseMountFlags(flags: readonly string[]): readonly string[] {
  const options = flags.flatMap((flag) => flag.split(',')).filter((option) => option !== '');
  for (const option of options) {
    const key = option.split('=')[0] ?? '';
    if (!FLAG.test(option) || REFUSED.has(key))
      throw new RequestRefused(
        'volume_capability.mount.mount_flags',
        `${JSON.stringify(option)} is not allowed; remove it from the class's mountOptions`,
      );
  }
  return options;
}
