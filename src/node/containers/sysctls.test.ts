import { expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import { dottedName, whySysctlForbidden } from './sysctls.ts';

it.each([
  { name: 'net.ipv4.tcp_syncookies', dotted: 'net.ipv4.tcp_syncookies' },
  { name: 'net/ipv4/tcp_syncookies', dotted: 'net.ipv4.tcp_syncookies' },
  { name: 'net/ipv4/conf/eth0.1/forwarding', dotted: 'net.ipv4.conf.eth0/1.forwarding' },
])('$name is $dotted', ({ name, dotted }) => {
  expect(dottedName(name)).toBe(dotted);
});

it.each([
  { name: 'a safe one', sysctl: 'net.ipv4.ip_local_port_range', spec: {}, why: undefined },
  { name: 'a safe one with slashes', sysctl: 'kernel/shm_rmid_forced', spec: {}, why: undefined },
  { name: 'one of the whole machine', sysctl: 'vm.swappiness', spec: {}, why: 'forbidden sysctl: "vm.swappiness" not allowlisted' },
  {
    name: 'the network of the host',
    sysctl: 'net.ipv4.tcp_syncookies',
    spec: { hostNetwork: true },
    why: 'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
  },
  {
    name: 'the memory that the host shares',
    sysctl: 'kernel.shm_rmid_forced',
    spec: { hostIPC: true },
    why: 'forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
  },
])('VOL-13: a pod may set $name or is told: $why', ({ sysctl, spec, why }) => {
  expect(whySysctlForbidden(aStoredPod({ spec: { ...spec, securityContext: { sysctls: [{ name: sysctl, value: '1' }] } } }))).toBe(why);
});
