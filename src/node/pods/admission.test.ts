import { expect, it } from 'vitest';
import type { Pod, PodSpec } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { type AdmissionView, whyRejected } from './admission.ts';

const port = (hostPort: number, over: object = {}) => ({ container: { ports: [{ containerPort: 80, hostPort, ...over }] } });
const view = (over: Partial<AdmissionView> = {}): AdmissionView => ({ others: [], hasAppArmor: false, pressures: [], ...over });
const having = (...others: readonly Pod[]): AdmissionView => view({ others });
const appArmor = (type: string): Partial<PodSpec> => ({ securityContext: { appArmorProfile: { type } } });
const asking = { container: { resources: { requests: { memory: '1Mi' } } } };

it.each<{ name: string; pod: Pod; on: AdmissionView; reason: string | undefined }>([
  { name: 'a plain pod', pod: aStoredPod(), on: view(), reason: undefined },
  { name: 'a free port', pod: aStoredPod(port(80)), on: having(aStoredPod(port(81))), reason: undefined },
  { name: 'a port that is taken', pod: aStoredPod(port(80)), on: having(aStoredPod(port(80))), reason: 'NodePorts' },
  {
    name: 'the port of another protocol',
    pod: aStoredPod(port(80)),
    on: having(aStoredPod(port(80, { protocol: 'UDP' }))),
    reason: undefined,
  },
  {
    name: 'a port of another address',
    pod: aStoredPod(port(80, { hostIP: '10.0.0.1' })),
    on: having(aStoredPod(port(80, { hostIP: '10.0.0.2' }))),
    reason: undefined,
  },
  {
    name: 'a port of every address',
    pod: aStoredPod(port(80, { hostIP: '10.0.0.1' })),
    on: having(aStoredPod(port(80))),
    reason: 'NodePorts',
  },
  { name: 'AppArmor that is not there', pod: aStoredPod({ spec: appArmor('RuntimeDefault') }), on: view(), reason: 'AppArmor' },
  { name: 'AppArmor that is', pod: aStoredPod({ spec: appArmor('RuntimeDefault') }), on: view({ hasAppArmor: true }), reason: undefined },
  { name: 'no AppArmor wanted', pod: aStoredPod({ spec: appArmor('Unconfined') }), on: view(), reason: undefined },
  { name: 'another system', pod: aStoredPod({ spec: { os: { name: 'windows' } } }), on: view(), reason: 'PodOSNotSupported' },
  {
    name: 'an unsafe sysctl',
    pod: aStoredPod({ spec: { securityContext: { sysctls: [{ name: 'vm.swappiness', value: '1' }] } } }),
    on: view(),
    reason: 'SysctlForbidden',
  },
  { name: 'a full disk', pod: aStoredPod(asking), on: view({ pressures: ['DiskPressure'] }), reason: 'Evicted' },
  { name: 'short memory, asking for nothing', pod: aStoredPod(), on: view({ pressures: ['MemoryPressure'] }), reason: 'Evicted' },
  { name: 'short memory, asking for some', pod: aStoredPod(asking), on: view({ pressures: ['MemoryPressure'] }), reason: undefined },
  {
    name: 'a full disk that it can’t do without',
    pod: aStoredPod({ spec: { priority: 2_000_001_000 } }),
    on: view({ pressures: ['DiskPressure'] }),
    reason: undefined,
  },
])('$name: $reason', ({ pod, on, reason }) => {
  expect(whyRejected(pod, on)?.reason).toBe(reason);
});
