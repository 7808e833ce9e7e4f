import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PersistentVolume, Pod } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { shell, waitForRunning } from './run-pods.ts';

const NEEDS = ['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'] as const;
const NODES = ['node-1', 'node-2', 'node-3'];
const TOPOLOGY_KEY = 'topology.local.stowage.dev/node';
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

const claimSpec = { storageClassName: 'near', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '32Mi' } } };
const container = {
  name: 'main',
  image: 'busybox',
  command: shell('trap "exit 0" TERM; echo I am on $NODE | tee -a /data/log; while true; do sleep 0.1; done'),
  env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
};

/** A daemon with a claim of its own on every node, and a set with one claim a replica. */
const OBJECTS = [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'near' },
    provisioner: 'local.stowage.dev',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'daemon' },
    spec: {
      selector: { matchLabels: { app: 'daemon' } },
      template: {
        metadata: { labels: { app: 'daemon' } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [container],
          volumes: [{ name: 'data', ephemeral: { volumeClaimTemplate: { spec: claimSpec } } }],
        },
      },
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: { terminationGracePeriodSeconds: 1, nodeSelector: { 'kubernetes.io/hostname': 'node-3' }, containers: [container] },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec }],
    },
  },
];

describeWith(NEEDS, 'several nodes on one machine', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--nodes', '3', '--node-monitor-grace-period', '4'] });
  });
  afterAll(async () => platform.remove());

  async function podsOf(app: string): Promise<Pod[]> {
    return trusted<{ readonly items: Pod[] }>(await platform.kubectl.json(['get', 'pods', '-l', `app=${app}`])).items;
  }

  async function daemonOn(node: string): Promise<Pod> {
    const found = (await podsOf('daemon')).find(({ spec, metadata }) => spec.nodeName === node && metadata.deletionTimestamp === undefined);
    if (found === undefined) throw new Error(`no daemon on ${node}`);
    return waitForRunning(platform.kubectl, found.metadata.name);
  }

  async function pidOf(node: string): Promise<number> {
    const { processes } = await inspectMachine(platform.dataDir, platform.pid);
    return Number(processes.find((line) => line.includes(`--name=${node} `))?.split(' ')[0] ?? 0);
  }

  async function readinessOf(node: string): Promise<string> {
    return platform.kubectl.run(['get', 'node', node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']);
  }

  it('each has its own objects, pool and pods; claims are made where their pods are', async () => {
    const { kubectl } = platform;
    for (const node of NODES) expect(await readinessOf(node)).toBe('True');
    await kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OBJECTS }));
    await kubectl.run(['rollout', 'status', 'statefulset/db', '--timeout=60s']);
    await eventually(async () => expect((await podsOf('daemon')).length).toBe(NODES.length));
    for (const node of NODES) await daemonOn(node);
    const volumes = trusted<{ readonly items: PersistentVolume[] }>(await kubectl.json(['get', 'pv'])).items;
    expect(volumes).toHaveLength(5);
    for (const { spec } of volumes) {
      const node = new RegExp(`"${TOPOLOGY_KEY}"[^\\]]*"(node-.)"`).exec(JSON.stringify(spec.nodeAffinity))?.[1] ?? '';
      expect(readdirSync(path.join(platform.dataDir, 'pools', node), { recursive: true })).toContainEqual(
        expect.stringMatching(`/${spec.csi?.volumeHandle}$`),
      );
    }
    expect((await podsOf('db')).map(({ spec }) => spec.nodeName)).toEqual(['node-3', 'node-3']);
  });

  it('logs and exec reach pods on every node', async () => {
    const { kubectl } = platform;
    for (const node of NODES) {
      const { name } = (await daemonOn(node)).metadata;
      expect(await kubectl.run(['logs', name])).toBe(`I am on ${node}\n`);
      const answer = await kubectl.try(['exec', '-i', name, '--', 'sh', '-c', 'cat - /data/log; exit 3'], 'input, ');
      expect({ stdout: answer.stdout, exitCode: answer.exitCode }).toEqual({ stdout: `input, I am on ${node}\n`, exitCode: 3 });
    }
  });

  it('pods of one node reach those of every other at their addresses', async () => {
    const { kubectl } = platform;
    // why: not every kernel has bridges; pods have no address there
    if ((await inspectMachine(platform.dataDir, platform.pid)).bridges.length === 0) return;
    for (const [index, node] of NODES.entries()) {
      const serves = await daemonOn(node);
      const asks = await daemonOn(NODES[(index + 1) % NODES.length] ?? '');
      const serve = `mkdir /tmp/www; echo ${node} > /tmp/www/me; httpd -p 8080 -h /tmp/www`;
      await kubectl.run(['exec', serves.metadata.name, '--', 'sh', '-c', serve]);
      const ask = `wget -qO- http://${serves.status?.podIP ?? ''}:8080/me`;
      expect(await kubectl.run(['exec', asks.metadata.name, '--', 'sh', '-c', ask])).toBe(`${node}\n`);
    }
  });

  it('API-3: the certificate of a node opens what its pods use, and nothing of other nodes', async () => {
    const as = async (args: readonly string[]): Promise<string> =>
      (await platform.kubectl.try(['--kubeconfig', path.join(platform.dataDir, 'pki', 'node-2.kubeconfig'), ...args])).stderr;
    expect(await as(['get', 'secrets', '-A'])).toContain('can only read namespaced object of this type');
    expect(await as(['get', 'configmap', 'kube-root-ca.crt'])).toBe('');
    expect(await as(['-n', 'kube-system', 'get', 'configmap', 'kube-root-ca.crt'])).toContain('no relationship found between node');
    expect(await as(['label', 'node', 'node-1', 'a=b'])).toContain(`node 'node-2' cannot read 'node-1', only its own Node object`);
    expect(await as(['patch', 'node', 'node-1', '-p', '{"metadata":{"labels":{"a":"b"}}}'])).not.toBe('');
    const daemon = (await daemonOn('node-3')).metadata.name;
    expect(await as(['delete', 'pod', daemon, '--wait=false'])).toContain(
      'node "node-2" can only delete pods with spec.nodeName set to itself',
    );
    for (const node of ['node-2', 'node-3'])
      expect(readFileSync(path.join(platform.dataDir, 'logs', `${node}.log`), 'utf8')).not.toContain('is forbidden');
  });

  it('a node that is killed is started again, and its pods have not noticed', async () => {
    const before = await daemonOn('node-2');
    const pid = await pidOf('node-2');
    process.kill(pid, 'SIGKILL');
    await eventually(async () => {
      expect([0, pid]).not.toContain(await pidOf('node-2'));
      expect((await platform.kubectl.try(['exec', before.metadata.name, '--', 'true'])).exitCode).toBe(0);
    });
    const after = await daemonOn('node-2');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.status?.containerStatuses).toEqual(before.status?.containerStatuses);
  });

  it('a node that can not start says why and ends, so that it can be started again', async () => {
    const { program, args, env } = stowageCommand(['node', '--name=node-9', `--data-dir=${platform.dataDir}`]);
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, ...env }, timeout: 60_000 });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await once(child, 'close')).toEqual([64, null]);
    expect(said).toMatch(/kubeconfig .*node-9\.kubeconfig: can't be read/);
  });

  it('VOL-17: a node that does not answer is not ready, is given up where it is out of service, and heals', async () => {
    const { kubectl } = platform;
    const lost = await daemonOn('node-2');
    const pid = await pidOf('node-2');
    process.kill(pid, 'SIGSTOP');
    await eventually(async () => expect(await readinessOf('node-2')).toBe('Unknown'));
    expect(await kubectl.run(['describe', 'node', 'node-2'])).toMatch(/node.kubernetes.io\/unreachable:NoExecute[\s\S]*NodeNotReady/);
    await kubectl.run(['delete', 'pod', lost.metadata.name, '--wait=false']);
    await kubectl.run(['scale', 'statefulset/db', '--replicas=3']);
    await waitForRunning(kubectl, 'db-2');
    expect((await podsOf('daemon')).map(({ metadata }) => metadata.name)).toContain(lost.metadata.name);

    await kubectl.run(['taint', 'node', 'node-2', `${OUT_OF_SERVICE}=nodeshutdown:NoExecute`]);
    await eventually(async () =>
      expect(new Set((await podsOf('daemon')).map(({ spec }) => spec.nodeName))).toEqual(new Set(['node-1', 'node-3'])),
    );
    process.kill(pid, 'SIGCONT');
    await eventually(async () => expect(await readinessOf('node-2')).toBe('True'));
    await kubectl.run(['taint', 'node', 'node-2', `${OUT_OF_SERVICE}-`]);
    const next = await eventually(() => daemonOn('node-2'));
    expect(next.metadata.uid).not.toBe(lost.metadata.uid);
    await eventually(async () => expect((await inspectMachine(platform.dataDir)).pods).not.toContain(lost.metadata.uid));
  });

  it('nothing runs or is mounted after Ctrl-C', async () => {
    expect(await platform.end('SIGINT')).toBe(0);
    expect(await inspectMachine(platform.dataDir)).toMatchObject({ loopFiles: [], mounts: [], processes: [], networks: [], cgroups: [] });
  });
});
