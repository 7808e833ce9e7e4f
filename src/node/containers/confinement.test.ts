import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecurityContext } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import type { ConfinementMeans } from '../machine/confinement-means.ts';
import { planConfinement } from './confinement.ts';
import { defaultSeccompProfile } from './default-seccomp.ts';

let dir: string;
let means: ConfinementMeans;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-confinement-'));
  mkdirSync(join(dir, 'team'));
  writeFileSync(join(dir, 'team/audit.json'), '{"defaultAction":"SCMP_ACT_LOG"}');
  writeFileSync(join(dir, 'torn.json'), '{');
  means = {
    hasSeccomp: true,
    appArmorProfiles: undefined,
    hasCgroupNamespaces: true,
    hasRecursiveReadOnly: true,
    seccompDir: dir,
    architectures: ['SCMP_ARCH_X86_64'],
  };
});
afterEach(() => rmSync(dir, { recursive: true }));

function plan(own: SecurityContext, ofPod: SecurityContext = {}, over: Partial<ConfinementMeans> = {}) {
  const pod = aStoredPod({ spec: { securityContext: ofPod } });
  return planConfinement({ pod, container: { name: 'main', securityContext: own }, capabilities: [] }, { ...means, ...over });
}
const seccomp = (type: string, localhostProfile?: string): SecurityContext => ({ seccompProfile: { type, localhostProfile } });
const appArmor = (type: string, localhostProfile?: string): SecurityContext => ({ appArmorProfile: { type, localhostProfile } });

describe('seccomp', () => {
  it.each([
    { name: 'none where nobody asks', own: {}, ofPod: {}, action: undefined },
    { name: 'the default of the pod', own: {}, ofPod: seccomp('RuntimeDefault'), action: 'SCMP_ACT_ALLOW' },
    { name: 'the container’s own before the pod’s', own: seccomp('Unconfined'), ofPod: seccomp('RuntimeDefault'), action: undefined },
    { name: 'a profile of the node', own: seccomp('Localhost', 'team/audit.json'), ofPod: {}, action: 'SCMP_ACT_LOG' },
    { name: 'none for who is privileged', own: { privileged: true }, ofPod: seccomp('RuntimeDefault'), action: undefined },
  ])('$name', async ({ own, ofPod, action }) => {
    expect((await plan(own, ofPod)).seccomp?.['defaultAction']).toBe(action);
  });

  it.each([
    { name: 'a profile that is not there', own: seccomp('Localhost', 'no.json'), over: {}, says: 'there is no such file on this node' },
    { name: 'a profile elsewhere', own: seccomp('Localhost', '../../etc/passwd'), over: {}, says: 'a path below' },
    { name: 'no name', own: seccomp('Localhost'), over: {}, says: 'a path below' },
    { name: 'a torn profile', own: seccomp('Localhost', 'torn.json'), over: {}, says: 'no JSON object with a defaultAction' },
    { name: 'a kernel without', own: seccomp('RuntimeDefault'), over: { hasSeccomp: false }, says: 'seccomp is not supported' },
  ])('refuses $name', async ({ own, over, says }) => {
    await expect(plan(own, {}, over)).rejects.toMatchObject({ reason: 'CreateContainerError', message: expect.stringContaining(says) });
  });

  it('the default refuses what changes the machine, unless the container has the capability for it', () => {
    const refused = (capabilities: string[]): string[] =>
      Object.values(defaultSeccompProfile(['SCMP_ARCH_X86_64'], capabilities)['syscalls'] ?? []).flatMap(({ names }) => names);
    for (const name of ['mount', 'unshare', 'clone3', 'bpf', 'reboot', 'init_module', 'keyctl', 'userfaultfd', 'io_uring_setup'])
      expect(refused([])).toContain(name);
    for (const name of ['mkdir', 'chroot', 'chown', 'ptrace', 'execve']) expect(refused([])).not.toContain(name);
    for (const name of ['mount', 'unshare', 'clone', 'clone3', 'bpf']) expect(refused(['CAP_SYS_ADMIN'])).not.toContain(name);
    expect(refused(['CAP_SYS_ADMIN'])).toContain('reboot');
    expect(refused(['CAP_SYS_TIME'])).not.toContain('clock_settime');
  });
});

describe('AppArmor', () => {
  const loaded = { appArmorProfiles: new Set(['docker-default', 'mine']) };
  it.each([
    { name: 'none where the host has none', own: appArmor('RuntimeDefault'), over: {}, profile: undefined },
    { name: 'the default', own: appArmor('RuntimeDefault'), over: loaded, profile: 'docker-default' },
    { name: 'a loaded one', own: appArmor('Localhost', 'mine'), over: loaded, profile: 'mine' },
    { name: 'none', own: appArmor('Unconfined'), over: loaded, profile: undefined },
  ])('$name', async ({ own, over, profile }) => {
    expect((await plan(own, {}, over)).appArmorProfile).toBe(profile);
  });

  it.each([
    { own: appArmor('Localhost', 'other'), over: loaded, says: '"other" is not loaded on this node' },
    { own: appArmor('RuntimeDefault'), over: { appArmorProfiles: new Set<string>() }, says: 'this node has none of the profiles' },
  ])('refuses: $says', async ({ own, over, says }) => {
    await expect(plan(own, {}, over)).rejects.toMatchObject({ reason: 'CreateContainerError', message: expect.stringContaining(says) });
  });
});
