import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContainerStatus } from '#api/generated/kubernetes.ts';
import type { Kubectl } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { applyPods, claimJson, getPod, outputOf, shell, waitForPhase, waitForRunning } from './run-pods.ts';

function startedAtMs(statuses: readonly ContainerStatus[] | undefined): number {
  return Date.parse(statuses?.[0]?.state?.running?.startedAt ?? '');
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'what pods can do, with a stock kubectl', () => {
  let platform: PlatformProcess;
  let kubectl: Kubectl;
  let hostDir: string;
  beforeAll(async () => {
    hostDir = mkdtempSync(path.join(tmpdir(), 'stowage-host-'));
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    kubectl = platform.kubectl;
  });
  afterAll(async () => {
    await platform.remove();
    rmSync(hostDir, { recursive: true, force: true });
  });

  it('ends and restarts containers as restartPolicy says', async () => {
    await applyPods(
      kubectl,
      { name: 'never-ok', command: ['true'], spec: { restartPolicy: 'Never' } },
      { name: 'never-bad', command: shell('exit 3'), spec: { restartPolicy: 'Never' } },
      { name: 'on-failure', command: ['true'], spec: { restartPolicy: 'OnFailure' } },
      { name: 'always', command: shell('echo run; exit 1') },
    );
    await waitForPhase(kubectl, 'never-ok', 'Succeeded');
    await waitForPhase(kubectl, 'on-failure', 'Succeeded');
    const bad = await waitForPhase(kubectl, 'never-bad', 'Failed');
    expect(bad.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    await eventually(async () => {
      expect((await getPod(kubectl, 'always')).status?.containerStatuses?.[0]).toMatchObject({
        restartCount: 1,
        state: {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: expect.stringMatching(/^back-off 10s restarting failed container=main pod=always_default\(/),
          },
        },
        lastState: { terminated: { exitCode: 1 } },
      });
    });
    expect(await kubectl.run(['logs', 'always', '--previous'])).toBe('run\n');
    expect(await kubectl.run(['describe', 'pod', 'always'])).toMatch(/Warning\s+BackOff.*Back-off restarting failed container main/);
    expect(await kubectl.run(['get', 'pod', 'never-bad'])).toMatch(/never-bad\s+0\/1\s+Error\s+0/);
    expect(await kubectl.run(['get', 'pod', 'never-ok'])).toMatch(/never-ok\s+0\/1\s+Completed\s+0/);
  });

  it('runs the new image of a container that was given another one, whatever its restartPolicy', async () => {
    await applyPods(kubectl, { name: 'renewed', command: ['sleep', '600'], spec: { restartPolicy: 'Never' } });
    await waitForRunning(kubectl, 'renewed');
    await kubectl.run(['set', 'image', 'pod/renewed', '*=busybox:1.35']);
    await eventually(async () => {
      expect((await getPod(kubectl, 'renewed')).status).toMatchObject({
        phase: 'Running',
        containerStatuses: [{ restartCount: 1, image: 'busybox:1.35', state: { running: {} } }],
      });
    });
    expect(await kubectl.run(['describe', 'pod', 'renewed'])).toMatch(/Killing .*definition changed, will be restarted/);
    await kubectl.run(['delete', 'pod', 'renewed', '--grace-period=1']);
  });

  it('runs init containers in order, before containers that share an emptyDir', async () => {
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    const init = (name: string) => ({ name, image: 'busybox', command: shell(`echo ${name} >> /shared/log`), volumeMounts });
    const said = await outputOf(kubectl, {
      name: 'init',
      command: shell('until [ -e /shared/peer ]; do sleep 0.1; done; cat /shared/log /shared/peer'),
      volumes: [{ name: 'shared', emptyDir: {} }],
      container: { volumeMounts },
      spec: {
        initContainers: [init('one'), init('two'), init('three')],
        containers: [
          {
            name: 'reader',
            image: 'busybox',
            command: shell('until [ -e /shared/peer ]; do sleep 0.1; done; cat /shared/log /shared/peer'),
            volumeMounts,
          },
          { name: 'peer', image: 'busybox', command: shell('echo from peer > /shared/.p; mv /shared/.p /shared/peer'), volumeMounts },
        ],
      },
    });
    expect(said).toBe('one\ntwo\nthree\nfrom peer\n');
  });

  it('starts no container after an init container that fails for good', async () => {
    await applyPods(kubectl, {
      name: 'init-bad',
      spec: { restartPolicy: 'Never', initContainers: [{ name: 'setup', image: 'busybox', command: shell('exit 4') }] },
    });
    const pod = await waitForPhase(kubectl, 'init-bad', 'Failed');
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing');
    expect(await kubectl.run(['get', 'pod', 'init-bad'])).toMatch(/Init:Error/);
  });

  it('VOL-19: an emptyDir has its mode, and a mount does not let what its options take away', async () => {
    const said = await outputOf(kubectl, {
      name: 'hardened',
      command: shell(
        [
          'stat -c %a /scratch /memory',
          'cp /proc/self/exe /scratch/busybox',
          '/scratch/busybox true 2>/dev/null || echo refused',
          '/free/busybox true && echo runs',
          "grep ' /scratch ' /proc/mounts | tr ' ,' '\\n\\n' | grep ^no[sde][uex] | sort",
        ].join('; '),
      ),
      volumes: [
        { name: 'scratch', emptyDir: { mode: 0o1750 } },
        { name: 'memory', emptyDir: { medium: 'Memory', mode: 0o711 } },
      ],
      container: {
        volumeMounts: [
          { name: 'scratch', mountPath: '/scratch', bindMountOptions: ['noexec', 'nosuid', 'nodev'] },
          { name: 'scratch', mountPath: '/free' },
          { name: 'memory', mountPath: '/memory' },
        ],
      },
    });
    expect(said).toBe('1750\n711\nrefused\nruns\nnodev\nnoexec\nnosuid\n');
  });

  it('gives an emptyDir in memory its size and no byte more', async () => {
    const said = await outputOf(kubectl, {
      name: 'memory',
      command: shell('dd if=/dev/zero of=/mem/file bs=64k count=64 2>&1; stat -c %s /mem/file; df -k /mem | tail -1; true'),
      volumes: [{ name: 'mem', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
      container: { volumeMounts: [{ name: 'mem', mountPath: '/mem' }] },
    });
    expect(said).toMatch(/No space left on device/);
    expect(said).toMatch(/^1048576$/m);
    expect(said).toMatch(/tmpfs\s+1024\s/);
  });

  it('ends a write that goes beyond the claim with ENOSPC', async () => {
    await kubectl.run(['apply', '-f', '-'], claimJson('small', '64Mi'));
    const said = await outputOf(kubectl, {
      name: 'fill',
      claims: ['small'],
      command: shell('dd if=/dev/zero of=/data-0/file bs=1M count=80 2>&1; stat -c %s /data-0/file; true'),
    });
    expect(said).toMatch(/No space left on device/);
    const written = Number(/^(\d+)$/m.exec(said)?.[1]);
    expect(written).toBeGreaterThan(0.75 * 64 * 2 ** 20);
    expect(written).toBeLessThanOrEqual(64 * 2 ** 20);
  });

  it('checks the type of hostPath volumes, and takes them when they are right', async () => {
    mkdirSync(path.join(hostDir, 'is-a-directory'));
    const pod = (name: string, type: string) => ({
      name,
      command: shell('cat /host 2>/dev/null || echo ok > /host/file'),
      volumes: [{ name: 'host', hostPath: { path: path.join(hostDir, name), type } }],
      container: { volumeMounts: [{ name: 'host', mountPath: '/host' }] },
      spec: { restartPolicy: 'Never' },
    });
    await applyPods(kubectl, pod('is-a-directory', 'File'), pod('made', 'DirectoryOrCreate'), pod('later', 'File'));
    await waitForPhase(kubectl, 'made', 'Succeeded');
    expect(readFileSync(path.join(hostDir, 'made', 'file'), 'utf8')).toBe('ok\n');
    await eventually(async () => {
      expect(await kubectl.run(['describe', 'pod', 'is-a-directory'])).toMatch(/FailedMount.*hostPath type check failed: .* is not a file/);
      expect(await kubectl.run(['get', 'pod', 'later'])).toMatch(/ContainerCreating/);
    });
    writeFileSync(path.join(hostDir, 'later'), 'here now');
    await waitForPhase(kubectl, 'later', 'Succeeded');
    expect(await kubectl.run(['logs', 'later'])).toBe('here now');
  });

  it('hands configMaps, secrets and facts about the pod over as files and as variables', async () => {
    await kubectl.run(['create', 'configmap', 'settings', '--from-literal=color=green', '--from-literal=size=5']);
    await kubectl.run(['create', 'secret', 'generic', 'login', '--from-literal=password=s3cret']);
    const said = await outputOf(kubectl, {
      name: 'config',
      labels: { app: 'demo' },
      command: shell(
        'cat /settings/color; echo; cat /login/pw; echo; stat -Lc %a /login/pw; cat /about/labels; echo; ' +
          'echo $color $P_size $PASSWORD $NAME "$SENTENCE" $CPU; mount | grep -c " /login .*tmpfs"',
      ),
      volumes: [
        { name: 'settings', configMap: { name: 'settings' } },
        { name: 'login', secret: { secretName: 'login', items: [{ key: 'password', path: 'pw' }], defaultMode: 0o400 } },
        { name: 'about', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      ],
      container: {
        volumeMounts: ['settings', 'login', 'about'].map((name) => ({ name, mountPath: `/${name}` })),
        resources: { limits: { cpu: '500m' } },
        envFrom: [{ configMapRef: { name: 'settings' } }, { prefix: 'P_', configMapRef: { name: 'settings' } }],
        env: [
          { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
          { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'SENTENCE', value: '$(NAME) is $$(NAME) in $(color)' },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
        ],
      },
    });
    expect(said.split('\n')).toEqual([
      'green',
      's3cret',
      '400',
      'app="demo"',
      'green 5 s3cret config config is $(NAME) in green 500',
      '1',
      '',
    ]);
  });

  it('says which configMap or key is missing, and goes on when it is there', async () => {
    await applyPods(kubectl, {
      name: 'wants-config',
      command: shell('echo got $X; sleep 3600'),
      container: { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'not-there', key: 'k' } } }] },
    });
    await eventually(async () => {
      expect((await getPod(kubectl, 'wants-config')).status?.containerStatuses?.[0]?.state?.waiting).toMatchObject({
        reason: 'CreateContainerConfigError',
        message: 'configmap "not-there" not found',
      });
    });
    await kubectl.run(['create', 'configmap', 'not-there', '--from-literal=k=v']);
    await waitForRunning(kubectl, 'wants-config');
    await eventually(async () => expect(await kubectl.run(['logs', 'wants-config'])).toBe('got v\n'));
  });

  it('mounts parts of volumes, refuses writes to read-only mounts and parts that lead out', async () => {
    const volumes = [{ name: 'data', emptyDir: {} }];
    const prepare = {
      name: 'prepare',
      image: 'busybox',
      command: shell('mkdir -p /data/a/b && echo deep > /data/a/b/file && ln -s /etc /data/out'),
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    const said = await outputOf(kubectl, {
      name: 'parts',
      command: shell('cat /b/file; cat /one; echo x > /ro/new; echo y > /b/new; ls /made; mount | grep -c " /ro .*ro,"'),
      volumes,
      container: {
        volumeMounts: [
          { name: 'data', mountPath: '/b', subPath: 'a/b' },
          { name: 'data', mountPath: '/one', subPath: 'a/b/file', readOnly: true },
          { name: 'data', mountPath: '/ro', readOnly: true },
          { name: 'data', mountPath: '/made', subPath: 'not/yet/there' },
        ],
      },
      spec: { initContainers: [prepare] },
    });
    // two streams: their lines are in order each, but not among each other
    expect(said.trimEnd().split('\n').toSorted()).toEqual(['1', 'deep', 'deep', "sh: can't create /ro/new: Read-only file system"]);

    await applyPods(kubectl, {
      name: 'leads-out',
      volumes,
      container: { volumeMounts: [{ name: 'data', mountPath: '/out', subPath: 'out' }] },
      spec: { initContainers: [prepare] },
    });
    await eventually(async () => {
      expect(await kubectl.run(['describe', 'pod', 'leads-out'])).toMatch(/subPath "out" leads out of the volume through a link/);
    });
  });

  it('runs as the user that the pod names, with a claim that its group owns', async () => {
    await kubectl.run(['apply', '-f', '-'], claimJson('grouped', '32Mi'));
    const said = await outputOf(kubectl, {
      name: 'user',
      claims: ['grouped'],
      command: shell('id -u; id -g; id -G; echo x > /data-0/file && stat -c %u:%g /data-0/file'),
      spec: { securityContext: { runAsUser: 1000, runAsGroup: 1001, fsGroup: 2000, supplementalGroups: [3000] } },
    });
    expect(said).toBe('1000\n1001\n1001 2000 3000\n1000:2000\n');
  });

  it('names the command that was not found, and the image that is not there', async () => {
    await applyPods(
      kubectl,
      { name: 'no-command', command: ['no-such-program'], spec: { restartPolicy: 'Never' } },
      { name: 'no-image', container: { image: 'registry.example/app:v1' } },
      { name: 'no-user', spec: { securityContext: { runAsNonRoot: true } } },
    );
    const pod = await waitForPhase(kubectl, 'no-command', 'Failed');
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      reason: 'StartError',
      exitCode: 128,
      message: expect.stringContaining('"no-such-program"'),
    });
    await eventually(async () => {
      expect(await kubectl.run(['describe', 'pod', 'no-command'])).toMatch(/Warning\s+Failed.*"no-such-program"/);
      expect(await kubectl.run(['describe', 'pod', 'no-image'])).toMatch(/the image "registry.example\/app:v1" can't be had: /);
      expect(await kubectl.run(['get', 'pod', 'no-image'])).toMatch(/ErrImagePull|ImagePullBackOff/);
      expect(await kubectl.run(['get', 'pod', 'no-user'])).toMatch(/CreateContainerConfigError/);
    });
  });

  it('tells of a container that took more memory than its limit', async () => {
    await applyPods(kubectl, {
      name: 'oom',
      command: shell('tail /dev/zero'),
      container: { resources: { limits: { memory: '16Mi' } } },
      spec: { restartPolicy: 'Never' },
    });
    const pod = await waitForPhase(kubectl, 'oom', 'Failed');
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  it('shows logs from the end, since a time, with times, and as they come', async () => {
    await applyPods(kubectl, {
      name: 'talks',
      command: shell('for i in 1 2 3; do echo early $i; done; sleep 3; for i in 1 2 3; do echo late $i; sleep 0.2; done; sleep 0.5'),
      spec: { restartPolicy: 'Never' },
    });
    await waitForRunning(kubectl, 'talks');
    const followed = await kubectl.run(['logs', '-f', 'talks']);
    const all = 'early 1\nearly 2\nearly 3\nlate 1\nlate 2\nlate 3\n';
    expect(followed).toBe(all);
    expect(await kubectl.run(['logs', 'talks'])).toBe(all);
    expect(await kubectl.run(['logs', 'talks', '--tail=2'])).toBe('late 2\nlate 3\n');
    expect(await kubectl.run(['logs', 'talks', '--limit-bytes=5'])).toBe('early');
    expect(await kubectl.run(['logs', 'talks', '--since=1h', '--tail=1'])).toBe('late 3\n');
    const lines = (await kubectl.run(['logs', 'talks', '--timestamps'])).trim().split('\n');
    const times = lines.map((line) => Date.parse(line.split(' ')[0] ?? ''));
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(all.trim().split('\n'));
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeGreaterThan(2_000);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    const sinceLate = new Date((times[2] ?? 0) + 1_000).toISOString();
    expect(await kubectl.run(['logs', 'talks', `--since-time=${sinceLate}`])).toBe('late 1\nlate 2\nlate 3\n');
    expect((await kubectl.try(['logs', 'talks', '--previous'])).stderr).toMatch(
      /previous terminated container "main" in pod "talks" not found/,
    );
  });

  it('probes decide who is started, ready and restarted; a sidecar gates by its startup probe; the pod adds gates of its own', async () => {
    const side = {
      name: 'side',
      image: 'busybox',
      restartPolicy: 'Always',
      command: shell('sleep 1; touch /up; trap "exit 0" TERM; while true; do sleep 0.1; done'),
      startupProbe: { exec: { command: ['test', '-e', '/up'] }, periodSeconds: 1, failureThreshold: 20 },
    };
    const web = {
      name: 'web',
      image: 'busybox',
      ports: [{ name: 'http', containerPort: 8080 }],
      command: shell('mkdir -p /www; echo well > /www/health; exec httpd -f -p 8080 -h /www'),
      readinessProbe: { httpGet: { port: 'http', path: '/health' }, periodSeconds: 1, failureThreshold: 1 },
      livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 3 },
    };
    const dies = {
      name: 'dies',
      image: 'busybox',
      command: ['sleep', '3600'],
      livenessProbe: { grpc: { port: 9999 }, periodSeconds: 1, failureThreshold: 2, terminationGracePeriodSeconds: 1 },
    };
    await applyPods(
      kubectl,
      {
        name: 'probed',
        spec: { initContainers: [side], containers: [web], readinessGates: [{ conditionType: 'example.com/gate' }] },
      },
      { name: 'dies', spec: { containers: [dies] } },
    );
    const readyOf = async (type: string) => (await getPod(kubectl, 'probed')).status?.conditions?.find((found) => found.type === type);
    await eventually(async () => expect(await readyOf('ContainersReady')).toMatchObject({ status: 'True' }));
    const probed = await getPod(kubectl, 'probed');
    expect(startedAtMs(probed.status?.containerStatuses) - startedAtMs(probed.status?.initContainerStatuses)).toBeGreaterThanOrEqual(1_000);
    expect(await readyOf('Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' });
    const gate = { status: { conditions: [{ type: 'example.com/gate', status: 'True' }] } };
    await kubectl.run(['patch', 'pod', 'probed', '--subresource=status', '-p', JSON.stringify(gate)]);
    await eventually(async () => expect(await readyOf('Ready')).toMatchObject({ status: 'True' }));

    await kubectl.run(['exec', 'probed', '-c', 'web', '--', 'rm', '/www/health']);
    await eventually(async () => {
      expect(await readyOf('Ready')).toMatchObject({ reason: 'ContainersNotReady', message: 'containers with unready status: [web]' });
      expect(await kubectl.run(['describe', 'pod', 'probed'])).toMatch(
        /Unhealthy.*Readiness probe failed: HTTP probe failed with statuscode: 404/,
      );
    });
    expect((await getPod(kubectl, 'probed')).status?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, started: true });

    await eventually(async () => {
      expect((await getPod(kubectl, 'dies')).status?.containerStatuses?.[0]?.restartCount).toBeGreaterThanOrEqual(1);
    });
    const said = await kubectl.run(['describe', 'pod', 'dies']);
    expect(said).toMatch(/Killing.*Container dies failed liveness probe, will be restarted/);
    expect(said).toMatch(/Unhealthy.*Liveness probe failed: timeout: failed to connect service "[0-9.]+:9999"/);
  });

  it('runs hooks after starts and before ends, and tells last words', async () => {
    const volumes = [{ name: 'host', hostPath: { path: hostDir } }];
    const volumeMounts = [{ name: 'host', mountPath: '/host' }];
    const say = (word: string) => ({ exec: { command: shell(`sleep 0.3; echo ${word} >> /host/hooks`) } });
    const sidecar = (name: string) => ({
      name,
      image: 'busybox',
      restartPolicy: 'Always',
      command: shell(`trap "echo ${name} >> /host/hooks; exit 0" TERM; while true; do sleep 0.05; done`),
      volumeMounts,
    });
    await applyPods(
      kubectl,
      {
        name: 'hooked',
        volumes,
        command: shell('trap "echo usr1 >> /host/hooks; exit 0" USR1; while true; do sleep 0.05; done'),
        container: { volumeMounts, lifecycle: { postStart: say('started'), preStop: say('stopping'), stopSignal: 'SIGUSR1' } },
        spec: { os: { name: 'linux' }, terminationGracePeriodSeconds: 20, initContainers: [sidecar('first'), sidecar('second')] },
      },
      { name: 'bad-hook', container: { lifecycle: { postStart: { exec: { command: ['false'] } } } } },
      { name: 'late', spec: { activeDeadlineSeconds: 2 } },
      {
        name: 'last-words',
        command: shell('echo it was the disk; exit 3'),
        container: { terminationMessagePolicy: 'FallbackToLogsOnError' },
        spec: { restartPolicy: 'Never' },
      },
      {
        name: 'by-code',
        container: {
          name: 'main',
          command: shell('[ -e /s/again ] && exit 0; touch /s/again; exit 42'),
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
          volumeMounts: [{ name: 's', mountPath: '/s' }],
        },
        volumes: [{ name: 's', emptyDir: {} }],
        spec: { restartPolicy: 'Never' },
      },
    );
    await waitForRunning(kubectl, 'hooked');
    expect(readFileSync(path.join(hostDir, 'hooks'), 'utf8')).toBe('started\n');
    await kubectl.run(['delete', 'pod', 'hooked']);
    expect(readFileSync(path.join(hostDir, 'hooks'), 'utf8')).toBe('started\nstopping\nusr1\nsecond\nfirst\n');
    expect((await waitForPhase(kubectl, 'last-words', 'Failed')).status?.containerStatuses?.[0]?.state?.terminated?.message).toBe(
      'it was the disk\n',
    );
    expect((await waitForPhase(kubectl, 'by-code', 'Succeeded')).status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect((await waitForPhase(kubectl, 'late', 'Failed')).status).toMatchObject({ reason: 'DeadlineExceeded' });
    await eventually(async () =>
      expect(await kubectl.run(['describe', 'pod', 'bad-hook'])).toMatch(/FailedPostStartHook.*PostStartHook failed/),
    );
  });

  it('gives pods addresses at which they reach each other, and the API with their own token; not the host’s loopback', async () => {
    await applyPods(kubectl, {
      name: 'serves',
      command: shell('mkdir /www; echo $ME > /www/me; exec httpd -f -p 8080 -h /www'),
      container: {
        env: [{ name: 'ME', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
        readinessProbe: { httpGet: { port: 8080, path: '/me' }, periodSeconds: 1 },
      },
    });
    const { bridges } = await inspectMachine(platform.dataDir, platform.pid);
    const address = await eventually(async () => {
      const { status } = await getPod(kubectl, 'serves');
      expect(status?.containerStatuses?.[0]?.ready).toBe(true);
      return status?.podIP ?? '';
    });
    // why: not every kernel has bridges; pods are probed through their loopback there, and have no address
    expect(address).toMatch(bridges.length === 0 ? /^$/ : /^10\.21[2-5]\./);
    if (bridges.length === 0) return;
    const said = await outputOf(kubectl, {
      name: 'asks',
      command: shell(
        `wget -qO- http://${address}:8080/me; /tools/kubectl auth whoami -o jsonpath={.status.userInfo.username}; echo; ` +
          `nc -w 1 127.0.0.1 $KUBERNETES_SERVICE_PORT </dev/null 2>&1 | grep -o refused; grep -c asks /etc/hosts`,
      ),
      volumes: [{ name: 'tools', hostPath: { path: path.dirname(kubectl.program) } }],
      container: { volumeMounts: [{ name: 'tools', mountPath: '/tools', readOnly: true }] },
    });
    expect(said).toBe(`${address}\nsystem:serviceaccount:default:default\nrefused\n1\n`);
  });

  it('lets a container end by itself within its grace, and ends it at once when forced', async () => {
    const touched = path.join(hostDir, 'trapped');
    const volumes = [{ name: 'host', hostPath: { path: hostDir } }];
    const container = { volumeMounts: [{ name: 'host', mountPath: '/host' }] };
    await applyPods(
      kubectl,
      {
        name: 'polite',
        command: shell('trap "sleep 0.5; echo bye > /host/trapped; exit 0" TERM; while true; do sleep 0.1; done'),
        volumes,
        container,
        spec: { terminationGracePeriodSeconds: 20 },
      },
      { name: 'stubborn', command: shell('trap "" TERM; while true; do sleep 0.1; done'), spec: { terminationGracePeriodSeconds: 300 } },
    );
    await waitForRunning(kubectl, 'polite');
    await waitForRunning(kubectl, 'stubborn');
    const startMs = Date.now();
    await kubectl.run(['delete', 'pod', 'polite']);
    expect(readFileSync(touched, 'utf8')).toBe('bye\n');
    await kubectl.run(['delete', 'pod', 'stubborn', '--force', '--grace-period=0']);
    expect(Date.now() - startMs).toBeLessThan(15_000);
    expect(statSync(hostDir).isDirectory()).toBe(true);
  });

  it('leaves nothing on the machine when all pods and claims are gone', async () => {
    await kubectl.run(['delete', 'pods', '--all']);
    await kubectl.run(['delete', 'pvc', '--all']);
    await eventually(async () => {
      const left = await inspectMachine(platform.dataDir, platform.pid);
      expect(left).toMatchObject({ volumes: [], pods: [], processes: [], networks: [], links: [], cgroups: [] });
      expect(left.mounts.filter((mount) => mount.includes('pods'))).toEqual([]);
    });
    expect(readFileSync(path.join(hostDir, 'later'), 'utf8')).toBe('here now');
  });
});
