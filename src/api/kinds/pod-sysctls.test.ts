import { expect, it } from 'vitest';
import type { PodSpec } from '../generated/kubernetes.ts';
import { validateSysctls } from './pod-sysctls.ts';

const faults = (names: readonly string[], over: Partial<PodSpec> = {}): readonly string[] => {
  const spec = { containers: [], securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) }, ...over };
  return validateSysctls(spec, 'f').map(({ field, type, detail }) => `${field}: ${type} ${detail}`);
};

it.each([
  { names: ['net.ipv4.ip_local_port_range', 'net/ipv4/tcp_syncookies', 'kernel.shm_rmid_forced'], over: {}, says: [] },
  { names: ['foo-'], over: {}, says: [/^f\[0\]\.name: .*must have at most 253 characters and match regex \^/] },
  { names: ['kernel.shmmax', 'bar..'], over: {}, says: [/^f\[1\]\.name: .*match regex/] },
  { names: ['Safe'], over: {}, says: [/match regex/] },
  { names: ['a.'.repeat(127)], over: {}, says: [/at most 253 characters/] },
  { names: [''], over: {}, says: [/: Required/] },
  { names: ['kernel.sem', 'kernel.sem'], over: {}, says: [/^f\[1\]\.name: .*Duplicate/] },
  { names: ['net.core.somaxconn'], over: { hostNetwork: true }, says: [/may not be specified when 'hostNetwork' is true/] },
  { names: ['fs.mqueue.msg_max'], over: { hostIPC: true }, says: [/may not be specified when 'hostIPC' is true/] },
])('API-5: sysctls $names: $says', ({ names, over, says }) => {
  const found = faults(names, over);
  expect(found).toHaveLength(says.length);
  for (const [index, pattern] of says.entries()) expect(found[index]).toMatch(pattern);
});
