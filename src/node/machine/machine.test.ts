import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { SystemExec } from '#kit/exec.ts';
import { parseMountTable, readMountTable } from '#linux/mount-table.ts';
import { describeWith } from '#testing/requirements.ts';
import { cgroupHierarchies, childCgroups, oomFile, removeCgroup, removeEmptyCgroup } from './cgroups.ts';
import { type Machine, whyNotReady } from './machine.ts';
import { ensureNetworkNamespace, listNetworkNamespaces, networkNamespacePath, removeNetworkNamespace } from './network-namespaces.ts';

it.each([
  {
    name: 'v1',
    lines: ['1 1 0:1 / /cg/memory rw - cgroup cgroup rw,memory', '2 1 0:2 / /cg/unified rw - cgroup2 cgroup2 rw'],
    want: '/cg/memory/pods/x/memory.oom_control',
  },
  { name: 'v2', lines: ['1 1 0:1 / /cg rw - cgroup2 cgroup2 rw'], want: '/cg/pods/x/memory.events' },
  { name: 'none', lines: ['1 1 0:1 / /cg/cpu rw - cgroup cgroup rw,cpu'], want: undefined },
])('the file that counts OOM kills: $name', ({ lines, want }) => {
  expect(oomFile(parseMountTable(lines.join('\n')), '/pods/x')).toBe(want);
});

const everything: Machine['programs'] = { runc: '/r', busybox: '/b', ip: '/i', mount: '/m' };
it.each<{ name: string; machine: Machine; want: unknown }>([
  { name: 'ready', machine: { canMount: true, programs: everything }, want: undefined },
  {
    name: 'no root',
    machine: { canMount: false, programs: everything },
    want: { reason: 'NotPrivileged', message: expect.stringContaining('sudo') },
  },
  {
    name: 'no runc and ip',
    machine: { canMount: true, programs: { busybox: '/b', mount: '/m' } },
    want: { reason: 'ContainerRuntimeMissing', message: expect.stringMatching(/runc, ip not found .*apt-get install runc iproute2$/) },
  },
])('why pods can’t run: $name', ({ machine, want }) => {
  expect(whyNotReady(machine)).toEqual(want);
});

describeWith(['root', 'ip'], 'what a node makes of the kernel', () => {
  const exec = new SystemExec();

  it('network namespaces: made once, loopback up, removed once', async () => {
    const prefix = `stowage-unit-${process.pid}-`;
    const name = `${prefix}a`;
    try {
      await ensureNetworkNamespace(exec, name);
      await ensureNetworkNamespace(exec, name);
      expect(await listNetworkNamespaces(prefix)).toEqual([name]);
      expect((await exec.run(['ip', '-n', name, 'addr', 'show', 'lo'])).stdout).toContain('127.0.0.1/8');
    } finally {
      await removeNetworkNamespace(exec, name);
    }
    await removeNetworkNamespace(exec, name);
    expect(existsSync(networkNamespacePath(name))).toBe(false);
  });

  it('network namespaces: a name without a namespace, of an ip that was killed, is made whole and removed', async () => {
    const name = `stowage-unit-${process.pid}-half`;
    mkdirSync(dirname(networkNamespacePath(name)), { recursive: true });
    writeFileSync(networkNamespacePath(name), '');
    try {
      await ensureNetworkNamespace(exec, name);
      expect((await exec.run(['ip', '-n', name, 'addr', 'show', 'lo'])).stdout).toContain('127.0.0.1/8');
    } finally {
      await removeNetworkNamespace(exec, name);
    }
    writeFileSync(networkNamespacePath(name), '');
    await removeNetworkNamespace(exec, name);
    expect(existsSync(networkNamespacePath(name))).toBe(false);
  });

  it('cgroups: removed with what is inside, the empty parent only when it is empty', async () => {
    const hierarchies = cgroupHierarchies(await readMountTable());
    const parent = `stowage-unit-${process.pid}`;
    const [hierarchy = ''] = hierarchies;
    mkdirSync(`${hierarchy}/${parent}/pod1/main`, { recursive: true });
    expect(await childCgroups(hierarchies, parent)).toEqual(['pod1']);
    await removeEmptyCgroup(hierarchies, parent);
    expect(await childCgroups(hierarchies, parent)).toEqual(['pod1']);
    await removeCgroup(hierarchies, `${parent}/pod1`);
    await removeCgroup(hierarchies, `${parent}/pod1`);
    await removeEmptyCgroup(hierarchies, parent);
    expect(existsSync(`${hierarchy}/${parent}`)).toBe(false);
  });
});
