import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { PersistentVolume, Pod } from '#api/generated/kubernetes.ts';
import { checkDevice, checkRecords } from './writing-pod.ts';

/** More than a run of the campaign writes to one device. */
const DEVICE_BYTES = 4 * 1024 * 1024;

/** What pods said that they have on disk, and whether it is there. */
export class Records {
  readonly #nodesDir: string;
  /** The highest number that was acknowledged, by label. */
  readonly #acknowledged = new Map<string, number>();
  /** How many records were found, over all checks. */
  found = 0;

  constructor(dataDir: string) {
    this.#nodesDir = path.join(dataDir, 'nodes');
  }

  /** Reads the logs of all containers that there are; all of them while the platform is dead, since nothing is removed meanwhile. */
  readAcknowledged(): void {
    for (const file of filesAt(this.#nodesDir, ['*', 'pods', '*', 'containers', '*', '*', 'log'])) {
      for (const [, label = '', number] of readText(file).matchAll(/^ack (\S+) (\d+)$/gm)) {
        const known = this.#acknowledged.get(label) ?? 0;
        this.#acknowledged.set(label, Math.max(known, Number(number)));
      }
    }
  }

  /** A copy that is asked for now has at least what its source has acknowledged until now. */
  inherit(copy: string, source: string): void {
    this.readAcknowledged();
    this.#acknowledged.set(copy, this.#acknowledged.get(source) ?? 0);
  }

  /** Checks every volume of the pod from outside. @throws AssertionError */
  check(pod: Pod, volumes: ReadonlyMap<string, PersistentVolume>): void {
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.projected !== undefined) continue;
      const own = volume.ephemeral === undefined ? volume.name : `${pod.metadata.name}-${volume.name}`;
      const claim = volume.persistentVolumeClaim?.claimName;
      const label = claim ?? (volume.emptyDir === undefined ? own : `${pod.metadata.name}-${volume.name}`);
      const where = `${pod.metadata.namespace} ${pod.metadata.name} ${label}`;
      const last = this.#lastOf(pod, volume.name, { source: claim === undefined ? undefined : volumes.get(claim), where });
      this.found += last;
      const name = pod.metadata.namespace === 'churn' ? label : `${pod.metadata.namespace}-${label}`;
      expect(last, `${where}: acknowledged records are lost`).toBeGreaterThanOrEqual(this.#acknowledged.get(name) ?? 0);
    }
  }

  #lastOf(pod: Pod, name: string, of: { readonly source: PersistentVolume | undefined; readonly where: string }): number {
    const { source, where } = of;
    const own = path.join(this.#nodesDir, pod.spec.nodeName ?? '', 'pods', pod.metadata.uid, 'volumes', name, 'mount');
    const dir = source?.spec.hostPath?.path ?? source?.spec.local?.path ?? own;
    if (source?.spec.volumeMode === 'Block') return checkDevice(readStart(own), where);
    const records = path.join(dir, 'records');
    return checkRecords(readText(records), where);
  }
}

/** The first bytes of a device. */
function readStart(file: string): Buffer {
  const opened = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(DEVICE_BYTES);
    return buffer.subarray(0, readSync(opened, buffer, 0, DEVICE_BYTES, 0));
  } finally {
    closeSync(opened);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // why: nothing was written yet, or the run is gone
    return '';
  }
}

/** Files whose path below `dir` is made of these names; `*` is any. */
function filesAt(dir: string, [first, ...rest]: readonly string[]): string[] {
  if (first === undefined) return [dir];
  const names = first === '*' ? namesIn(dir) : [first];
  return names.flatMap((name) => filesAt(path.join(dir, name), rest));
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
