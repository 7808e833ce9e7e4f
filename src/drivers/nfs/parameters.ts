import { RequestRefused } from '#protocols/csi/request-fields.ts';
import type { NfsSettings, OnDelete } from './settings.ts';
import { formatVolumeId, ID_PARTS, type NfsVolume } from './volume-id.ts';

/** A volume that is to be made. */
export interface WantedVolume extends NfsVolume {
  /** Octal; undefined = as the server makes it. */
  readonly mode: string | undefined;
}

/** The variable that keeps two claims from one directory. */
const VOLUME_NAME = '${pv.metadata.name}';
const OCTAL = /^[0-7]{1,4}$/;
const KNOWN = ['server', 'share', 'subDir', 'mountPermissions', 'onDelete'] as const;
type Known = (typeof KNOWN)[number];

/** Reads the parameters of a class, for the volume of a name; keys are case-insensitive, as csi-driver-nfs takes them. @throws RequestRefused */
export function parseParameters(name: string, parameters: Readonly<Record<string, string>>, settings: NfsSettings): WantedVolume {
  const given = readKnown(parameters);
  const volume = {
    server: needed(given, 'server'),
    share: absolute(needed(given, 'share')),
    subDir: subDirOf(name, given.get('subDir') ?? VOLUME_NAME),
    name,
    onDelete: onDeleteOf(given.get('onDelete') ?? settings.onDelete),
  };
  if (formatVolumeId(volume).split('#').length !== ID_PARTS)
    throw refused('server', volume.server, 'server, share and subDir can not have a # in them');
  return { ...volume, mode: modeOf(given.get('mountPermissions') ?? settings.mountPermissions) };
}

function readKnown(parameters: Readonly<Record<string, string>>): ReadonlyMap<Known, string> {
  const given = new Map<Known, string>();
  for (const [key, value] of Object.entries(parameters)) {
    if (key.startsWith('csi.storage.k8s.io/')) continue;
    const known = KNOWN.find((one) => one.toLowerCase() === key.toLowerCase());
    if (known === undefined) throw new RequestRefused(`parameters[${JSON.stringify(key)}]`, `is not known; there are ${KNOWN.join(', ')}`);
    given.set(known, value);
  }
  return given;
}

function refused(key: Known, value: string, remedy: string): RequestRefused {
  return new RequestRefused(`parameters["${key}"]`, `${JSON.stringify(value)}: ${remedy}`);
}

function needed(given: ReadonlyMap<Known, string>, key: Known): string {
  const value = given.get(key) ?? '';
  if (value !== '') return value;
  const example =
    key === 'server' ? 'the address of the NFS server, for example 192.168.2.11' : 'the path that it exports, for example /nfs/data';
  throw new RequestRefused(`parameters["${key}"]`, `is required: ${example}`);
}

function absolute(share: string): string {
  if (!share.startsWith('/')) throw refused('share', share, 'must be absolute: it is a path on the server');
  return share;
}

/** The directory of one volume: its name is in it, so that two claims never share one. */
function subDirOf(name: string, pattern: string): string {
  if (!pattern.includes(VOLUME_NAME))
    throw refused('subDir', pattern, `must have ${VOLUME_NAME} in it, so that two claims never share a directory`);
  const subDir = pattern.replaceAll(VOLUME_NAME, name);
  if (subDir.includes('${')) throw refused('subDir', pattern, `the only variable that there is here is ${VOLUME_NAME}`);
  if (subDir.includes('/'))
    throw refused('subDir', pattern, 'must be one directory, without /: a nested one would leave its parents on the server');
  return subDir;
}

function onDeleteOf(value: string): OnDelete {
  if (value === 'delete' || value === 'retain' || value === 'archive') return value;
  throw refused('onDelete', value, 'use delete, retain or archive');
}

function modeOf(value: string): string | undefined {
  if (!OCTAL.test(value)) throw refused('mountPermissions', value, 'use octal permissions, for example 0777, or 0 to leave them');
  return Number.parseInt(value, 8) === 0 ? undefined : value;
}
