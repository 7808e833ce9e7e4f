import { expect } from 'vitest';
import type { Container, PodSpec, Volume } from '#api/generated/kubernetes.ts';

/** A volume that a pod writes to. */
export interface WrittenVolume {
  /** Of the volume in the pod. */
  readonly volume: Volume;
  readonly kind: 'directory' | 'device';
  /** What its records are acknowledged under: unique over the campaign. May name the shell's variables. */
  readonly label: string;
}

/** Bytes of a record on a raw device; in a file it is as long as its text. */
const RECORD_BYTES = 512;
const MODULUS = 1_000_003;

/**
 * Appends numbered records, each with the run that wrote it and a checksum, and says `ack LABEL NUMBER` when one is on disk.
 * A run goes on where the volume says that the last one stopped, so a record that is lost shows as a gap or a double, and two runs at a time show as runs that take turns.
 */
const SCRIPT = `
read -r run </proc/sys/kernel/random/uuid
record() { echo "$1 $run $(( ($1 * 7919 + 13) % ${MODULUS} )) $POD_UID"; }
write_file() {
  n=$(tail -n 1 "/$1/records" 2>/dev/null | cut -d ' ' -f 1)
  n=\${n:-0}
  while true; do
    n=$((n + 1))
    record $n | dd bs=4k conv=fsync 2>/dev/null >>"/$1/records" && echo "ack $2 $n" || exit 1
    sleep 0.5
  done
}
write_device() {
  n=$(dd if="/$1" bs=${RECORD_BYTES} count=1 2>/dev/null | tr -d '\\000' | cut -d ' ' -f 1)
  n=\${n:-0}
  while true; do
    n=$((n + 1))
    record $n | dd of="/$1" bs=${RECORD_BYTES} seq=$n conv=notrunc,sync,fsync 2>/dev/null || exit 1
    record $n | dd of="/$1" bs=${RECORD_BYTES} conv=notrunc,sync,fsync 2>/dev/null && echo "ack $2 $n" || exit 1
    sleep 0.5
  done
}
trap 'exit 0' TERM
`;

/** The specification of a pod that writes to all of these volumes as long as it runs. */
export function writingPodSpec(written: readonly WrittenVolume[]): PodSpec {
  const starts = written.map(
    ({ volume, kind, label }) => `${kind === 'device' ? 'write_device' : 'write_file'} ${volume.name} "${label}" &`,
  );
  const directories = written.filter(({ kind }) => kind === 'directory').map(({ volume }) => volume.name);
  const devices = written.filter(({ kind }) => kind === 'device').map(({ volume }) => volume.name);
  const main: Container = {
    name: 'main',
    image: 'busybox',
    command: ['sh', '-c', `${SCRIPT}\n${starts.join('\n')}\nwait`],
    env: [
      { name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ],
    volumeMounts: directories.map((name) => ({ name, mountPath: `/${name}` })),
    ...(devices.length === 0 ? {} : { volumeDevices: devices.map((name) => ({ name, devicePath: `/${name}` })) }),
  };
  // why: volumes of a StatefulSet's templates are added by its controller
  const volumes = written.map(({ volume }) => volume).filter((volume) => Object.keys(volume).length > 1);
  return { terminationGracePeriodSeconds: 1, containers: [main], volumes };
}

/** A record as it was found. */
interface FoundRecord {
  readonly number: number;
  readonly run: string;
  readonly checksum: number;
}

/** Checks that records are whole, without gap and double, and of one run at a time; answers the number of the last. @throws AssertionError */
export function checkRecords(text: string, where: string): number {
  const runs = new Set<string>();
  let current = '';
  let last = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { number, run, checksum } = parseRecord(line, where);
    expect(number, `${where}: the record after ${last}`).toBe(last + 1);
    expect(checksum, `${where}: checksum of record ${number}`).toBe((number * 7919 + 13) % MODULUS);
    if (run !== current) expect(runs.has(run), `${where}: two runs take turns at record ${number}`).toBe(false);
    current = run;
    runs.add(run);
    last = number;
  }
  return last;
}

/** Checks the records on a raw device, of which the first block says how many there are. @throws AssertionError */
export function checkDevice(bytes: Buffer, where: string): number {
  const block = (at: number): string =>
    bytes
      .subarray(at * RECORD_BYTES, (at + 1) * RECORD_BYTES)
      .toString('latin1')
      .replace(/\0+$/, '');
  const header = block(0);
  if (header === '') return 0;
  const { number } = parseRecord(header.trim(), where);
  const text = Array.from({ length: number }, (_, index) => block(index + 1)).join('');
  return checkRecords(text, where);
}

function parseRecord(line: string, where: string): FoundRecord {
  const found = /^(\d+) (\S+) (\d+) \S+$/.exec(line);
  expect(found, `${where}: a damaged record ${JSON.stringify(line)}`).not.toBeNull();
  return { number: Number(found?.[1]), run: found?.[2] ?? '', checksum: Number(found?.[3]) };
}
