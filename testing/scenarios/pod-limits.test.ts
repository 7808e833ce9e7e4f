import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Kubectl } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { applyPods, claimJson, getPod, outputOf, shell, waitForPhase, waitForRunning } from './run-pods.ts';

const nonRoot = { runAsUser: 1000, runAsGroup: 3000 };

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'what pods may and get, with a stock kubectl', () => {
  let platform: PlatformProcess;
  let kubectl: Kubectl;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pod-max-pids', '99'] });
    kubectl = platform.kubectl;
  });
  afterAll(async () => platform.remove());

  it('VOL-13: a security context is obeyed: system calls, kernel settings, processes, cgroups', async () => {
    const said = await outputOf(kubectl, {
      name: 'confined',
      command: shell(
        'grep ^Seccomp: /proc/self/status; cat /proc/sys/net/ipv4/ip_local_port_range; unshare -m true || echo no unshare; cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null; grep -c stowage /proc/self/cgroup; true',
      ),
      spec: {
        securityContext: {
          seccompProfile: { type: 'RuntimeDefault' },
          sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '1024 2000' }],
        },
      },
    });
    expect(said).toMatch(/^Seccomp:\t2$/m);
    expect(said).toMatch(/^1024\t2000$/m);
    expect(said).toMatch(/^no unshare$/m);
    expect(said).toMatch(/^99$/m);
    expect(said).toMatch(/^0$/m);
  });

  it('a pod that the node can not take fails with kubelet’s reason, and is told of what is not obeyed', async () => {
    const port = (hostPort: number) => ({ container: { ports: [{ containerPort: 80, hostPort }] } });
    await applyPods(kubectl, { name: 'first', ...port(8_123) });
    await waitForRunning(kubectl, 'first');
    await applyPods(
      kubectl,
      { name: 'second', nodeName: 'node-1', ...port(8_123) },
      { name: 'unsafe', spec: { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } } },
      { name: 'users', spec: { hostUsers: false } },
    );
    for (const [name, reason] of [
      ['second', 'NodePorts'],
      ['unsafe', 'SysctlForbidden'],
    ] as const)
      expect((await waitForPhase(kubectl, name, 'Failed')).status).toMatchObject({
        reason,
        message: expect.stringMatching(/^Pod was rejected: /),
      });
    await eventually(async () =>
      expect(await kubectl.run(['describe', 'pod', 'users'])).toMatch(/FailedCreatePodSandBox .*hostUsers: false needs/),
    );
    expect(await kubectl.run(['describe', 'pod', 'first'])).toContain('HostPortNotSupported');
  });

  it('VOL-11, VOL-13: files have the modes that programs want, and containers that are not root can write', async () => {
    await kubectl.run(['create', 'secret', 'generic', 'key', '--from-literal=k=v']);
    await kubectl.run(['create', 'service', 'clusterip', 'near', '--tcp=80']);
    await kubectl.run(['apply', '-f', '-'], claimJson('parts', '32Mi'));
    const said = await outputOf(kubectl, {
      name: 'modes',
      command: shell(
        'stat -L -c "%a %u:%g" /s/k /t/token; touch /sub/x /part/x && echo wrote; head -1 /etc/hosts; echo $NEAR_SERVICE_PORT; ls /image | grep bin; echo -n last >/dev/mine',
      ),
      spec: {
        securityContext: { ...nonRoot, fsGroup: 2000 },
        volumes: [
          { name: 's', secret: { secretName: 'key', defaultMode: 0o400 } },
          { name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
          { name: 'e', emptyDir: {} },
          { name: 'c', persistentVolumeClaim: { claimName: 'parts' } },
          { name: 'i', image: { reference: 'busybox', pullPolicy: 'IfNotPresent' } },
        ],
      },
      container: {
        terminationMessagePath: '/dev/mine',
        volumeMounts: [
          { name: 's', mountPath: '/s' },
          { name: 't', mountPath: '/t' },
          { name: 'e', mountPath: '/sub', subPath: 'a/b' },
          { name: 'c', mountPath: '/part', subPath: 'logs/app' },
          { name: 'i', mountPath: '/image' },
        ],
      },
    });
    expect(said).toBe('440 0:2000\n640 1000:2000\nwrote\n# Kubernetes-managed hosts file.\n80\nbin\nsbin\n');
    expect((await getPod(kubectl, 'modes')).status).toMatchObject({
      observedGeneration: expect.any(Number),
      containerStatuses: [{ state: { terminated: { message: 'last' } } }],
    });
  });

  it('a container that takes too much of the disk goes; one that can not start says why in its log', async () => {
    await applyPods(
      kubectl,
      {
        name: 'greedy',
        command: shell('dd if=/dev/zero of=/x bs=1M count=30; sync; sleep 600'),
        container: { resources: { limits: { 'ephemeral-storage': '5Mi' } } },
      },
      { name: 'nostart', container: { workingDir: '/proc/self/fd/7' } },
    );
    await eventually(async () => expect(await kubectl.run(['logs', 'nostart'])).toContain('/proc/self/fd/7'));
    expect((await waitForPhase(kubectl, 'greedy', 'Failed')).status).toMatchObject({
      reason: 'Evicted',
      message: 'Container main exceeded its local ephemeral storage limit "5Mi". ',
    });
  });

  it('kubectl debug looks at the processes of a container that runs', async () => {
    await applyPods(kubectl, { name: 'watched', command: ['sleep', '600'] });
    await waitForRunning(kubectl, 'watched');
    await kubectl.run(['debug', 'watched', '--image=busybox', '--target=main', '-c', 'look', '--', 'ps']);
    await eventually(async () => expect(await kubectl.run(['logs', 'watched', '-c', 'look'])).toMatch(/1 root .*sleep 600/));
    expect(await kubectl.run(['get', 'pod', 'watched'])).toMatch(/watched\s+1\/1\s+Running/);
  });

  it('VOL-11: mounts travel both ways where the host shares them, and are refused where it does not; what is mounted goes with the pod', async () => {
    const isShared = /^\d+ \d+ \S+ \S+ \/ .*shared:/m.test(readFileSync('/proc/self/mountinfo', 'utf8'));
    await applyPods(kubectl, {
      name: 'mounter',
      command: shell('mkdir /shared/t && mount -t tmpfs x /shared/t && echo mounted; sleep 600'),
      container: {
        securityContext: { privileged: true },
        volumeMounts: [{ name: 'e', mountPath: '/shared', mountPropagation: 'Bidirectional' }],
      },
      spec: { volumes: [{ name: 'e', emptyDir: {} }] },
    });
    await eventually(async () => {
      if (isShared)
        expect((await inspectMachine(platform.dataDir, platform.pid)).mounts).toContainEqual(
          expect.stringMatching(/volumes\/e\/mount\/t$/),
        );
      else expect(await kubectl.run(['describe', 'pod', 'mounter'])).toMatch(/is mounted on ".*" but it is not a shared mount/);
    });
    await kubectl.run(['delete', 'pod', '--all', '--timeout=30s']);
    await eventually(async () => {
      const { mounts, containers, cgroups } = await inspectMachine(platform.dataDir, platform.pid);
      expect({ mounts: mounts.filter((mount) => mount.includes('/pods/')), containers, cgroups }).toEqual({
        mounts: [],
        containers: [],
        cgroups: [],
      });
    });
  });
});
