import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { ensureKubectl, Kubectl } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const REVIEW = (token: string): string => JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } });
const MAY = `apiVersion: authorization.k8s.io/v1
kind: SubjectAccessReview
spec: {user: "system:serviceaccount:team:robot", resourceAttributes: {namespace: team, verb: list, resource: pods}}
`;
const HOLDER = 'apiVersion: v1\nkind: Secret\nmetadata: {name: holder, namespace: team}\n';
const GREEDY = `apiVersion: v1
kind: Pod
metadata: {name: greedy, namespace: team}
spec: {containers: [{name: c, image: busybox, resources: {requests: {memory: 1000Ti}}}]}
`;
const TALKER = `apiVersion: v1
kind: Pod
metadata: {name: talker, namespace: team}
spec:
  serviceAccountName: robot
  terminationGracePeriodSeconds: 1
  containers:
  - name: c
    image: busybox
    command: [sh, -c, "cd /var/run/secrets/kubernetes.io/serviceaccount; cat namespace; echo; cat token; echo; cat ca.crt; echo host $KUBERNETES_SERVICE_HOST; sleep 1000"]
`;

describeWith(['unzip', 'npm'], 'API-3: who may do what, with a stock kubectl', () => {
  let platform: PlatformProcess;
  let admin: Kubectl;
  let plain: Kubectl;
  let server: readonly string[];
  let caPem: string;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    const program = await ensureKubectl();
    const home = path.dirname(platform.dataDir);
    admin = new Kubectl({ program, kubeconfig: platform.kubeconfig, home });
    writeFileSync(path.join(home, 'empty'), '');
    plain = new Kubectl({ program, kubeconfig: path.join(home, 'empty'), home });
    const view = await admin.run(['config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}']);
    const authority = await admin.run(['config', 'view', '--raw', '-o', 'jsonpath={.clusters[0].cluster.certificate-authority-data}']);
    caPem = Buffer.from(authority, 'base64').toString();
    writeFileSync(path.join(home, 'ca.crt'), caPem);
    server = ['--server', view, '--certificate-authority', path.join(home, 'ca.crt')];
    await admin.run(['create', 'namespace', 'team']);
    await admin.run(['-n', 'team', 'create', 'serviceaccount', 'robot']);
    await admin.run(['-n', 'team', 'create', 'rolebinding', 'robot', '--clusterrole=view', '--serviceaccount=team:robot']);
  });
  afterAll(async () => platform.remove());
  const as = (token: string, ...args: readonly string[]): ReturnType<Kubectl['try']> => plain.try([...server, '--token', token, ...args]);

  it('a token of a service account signs in with its rights', async () => {
    const token = (await admin.run(['-n', 'team', 'create', 'token', 'robot'])).trim();
    await eventually(async () => expect((await as(token, '-n', 'team', 'get', 'pods')).exitCode).toBe(0));
    const refused = await as(token, '-n', 'team', 'get', 'secrets');
    expect(refused.stderr).toContain(
      'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:team:robot" cannot list resource "secrets" in API group "" in the namespace "team"',
    );
    expect((await as(token, 'auth', 'whoami')).stdout).toMatch(/Username\s+system:serviceaccount:team:robot/);
    expect((await as(token, '-n', 'team', 'auth', 'can-i', 'list', 'pods')).stdout).toBe('yes\n');
    expect((await as(token, '-n', 'team', 'auth', 'can-i', 'delete', 'pods')).stdout).toBe('no\n');
    expect((await as(`${token}x`, 'get', 'pods')).stderr).toContain('You must be logged in to the server');
    const reviewed = await admin.run(
      ['create', '-f', '-', '-o', 'jsonpath={.status.authenticated} {.status.user.username}'],
      REVIEW(token),
    );
    expect(reviewed).toBe('true system:serviceaccount:team:robot');
  });

  it('stowage explain tells the administrator what a pod lacks, and a developer what he may see of it', async () => {
    await admin.run(['apply', '-f', '-'], GREEDY);
    await eventually(async () => expect(await admin.run(['-n', 'team', 'get', 'events'])).toContain('FailedScheduling'));
    const explain = async (kubeconfig: string, ...flags: readonly string[]): Promise<string> => {
      const { program, args, env } = stowageCommand(['explain', 'pod/greedy', '-n', 'team', '--kubeconfig', kubeconfig, ...flags]);
      return (await promisify(execFile)(program, [...args], { env: { ...process.env, ...env } })).stdout;
    };
    expect(JSON.parse(await explain(platform.kubeconfig, '-o', 'json'))).toMatchObject({
      state: 'blocked',
      findings: [{ subject: 'node node-1', text: expect.stringMatching(/Insufficient memory|were not ready/) }, expect.anything()],
    });
    const token = (await admin.run(['-n', 'team', 'create', 'token', 'robot'])).trim();
    const config = JSON.parse(await admin.run(['config', 'view', '--raw', '--flatten', '-o', 'json']));
    const robots = path.join(path.dirname(platform.dataDir), 'robot.kubeconfig');
    writeFileSync(robots, JSON.stringify({ ...config, users: [{ name: config.users[0].name, user: { token } }] }));
    const told = await explain(robots);
    expect(told).toContain('pod team/greedy is Pending, and you may not see all that decides over it');
    expect(told).toMatch(/event FailedScheduling +0\/1 nodes are available/);
    expect(told).toMatch(/not visible to you +.*nodes, .*storageclasses/);
  });

  it('who may edit in a namespace has the kinds of modules there, by the roles that they bring', async () => {
    await admin.run(['-n', 'team', 'create', 'rolebinding', 'eva', '--clusterrole=edit', '--user=eva']);
    const may = async (...asked: readonly string[]): Promise<string> =>
      (await admin.try(['--as', 'eva', '-n', 'team', 'auth', 'can-i', ...asked])).stdout.trim();
    await eventually(async () => expect(await may('create', 'volumesnapshots.snapshot.storage.k8s.io')).toBe('yes'));
    expect(await may('create', 'bucketclaims.objectstorage.k8s.io')).toBe('yes');
    expect(await may('list', 'volumesnapshotcontents.snapshot.storage.k8s.io')).toBe('no');
    const robot = ['--as', 'system:serviceaccount:team:robot', '-n', 'team', 'auth', 'can-i'];
    expect(await admin.run([...robot, 'list', 'volumesnapshots.snapshot.storage.k8s.io'])).toBe('yes\n');
    expect((await admin.try([...robot, 'create', 'volumesnapshots.snapshot.storage.k8s.io'])).stdout).toBe('no\n');
  });

  it('the platform itself answers what waits, to each by what he may see', async () => {
    const ask = ['get', '--raw', '/console/api/waiting?namespace=team'];
    const asRobot = ['--as', 'system:serviceaccount:team:robot'];
    expect(JSON.parse(await admin.run(ask))).toMatchObject({
      groups: [{ objects: ['pod/greedy -n team'], cause: { code: 'noNodeWillDo' } }],
    });
    expect(JSON.parse(await admin.run([...ask, ...asRobot]))).toMatchObject({
      groups: [{ objects: ['pod/greedy -n team'], remedies: [{ code: 'askForRights' }] }],
    });
    expect((await admin.try(['get', '--raw', '/console/api/waiting?namespace=default', ...asRobot])).stderr).toContain('Forbidden');
    expect((await admin.try([...ask, '--as', 'system:anonymous'])).stderr).toContain('You must be logged in to the server');
  });

  it('rights are reviewed, and borrowed with --as', async () => {
    expect(await admin.run(['create', '-f', '-', '-o', 'jsonpath={.status.allowed}'], MAY)).toBe('true');
    const asRobot = ['--as', 'system:serviceaccount:team:robot', '-n', 'team'];
    expect(await admin.run([...asRobot, 'auth', 'can-i', 'list', 'pods'])).toBe('yes\n');
    expect((await admin.try([...asRobot, 'get', 'secrets'])).stderr).toContain('cannot list resource "secrets"');
    expect((await admin.try(['--as', 'bob', '--as-group', 'devs', 'get', 'nodes'])).stderr).toContain(
      'User "bob" cannot list resource "nodes"',
    );
    expect(await admin.run([...asRobot, 'auth', 'can-i', '--list'])).toMatch(/pods\/log\s+\[\]\s+\[\]\s+\[get list watch\]/);
  });

  it('a token ends with the secret that it is bound to, and with its account', async () => {
    await admin.run(['apply', '-f', '-'], HOLDER);
    const bind = ['--bound-object-kind', 'Secret', '--bound-object-name', 'holder'];
    const token = (await admin.run(['-n', 'team', 'create', 'token', 'robot', ...bind])).trim();
    expect((await as(token, '-n', 'team', 'get', 'pods')).exitCode).toBe(0);
    await admin.run(['-n', 'team', 'delete', 'secret', 'holder']);
    expect((await as(token, '-n', 'team', 'get', 'pods')).stderr).toContain('You must be logged in');
    await admin.run(['-n', 'team', 'create', 'serviceaccount', 'brief']);
    const brief = (await admin.run(['-n', 'team', 'create', 'token', 'brief', '--duration', '10m'])).trim();
    expect((await as(brief, 'auth', 'whoami')).exitCode).toBe(0);
    await admin.run(['-n', 'team', 'delete', 'serviceaccount', 'brief']);
    expect((await as(brief, 'auth', 'whoami')).stderr).toContain('You must be logged in');
  });

  it('a secret of its type is filled with a lasting token', async () => {
    const holder = `apiVersion: v1
kind: Secret
metadata: {name: lasting, namespace: team, annotations: {kubernetes.io/service-account.name: robot}}
type: kubernetes.io/service-account-token
`;
    await admin.run(['apply', '-f', '-'], holder);
    const token = await eventually(async () => {
      const text = await admin.run(['-n', 'team', 'get', 'secret', 'lasting', '-o', 'jsonpath={.data.token}']);
      expect(text).not.toBe('');
      return Buffer.from(text, 'base64').toString();
    });
    expect((await as(token, '-n', 'team', 'get', 'pods')).exitCode).toBe(0);
    await admin.run(['-n', 'team', 'delete', 'secret', 'lasting']);
    expect((await as(token, '-n', 'team', 'get', 'pods')).stderr).toContain('You must be logged in');
  });

  it.runIf(process.getuid?.() === 0)('a pod finds its token, the authority and its namespace', async () => {
    await admin.run(['apply', '-f', '-'], TALKER);
    const lines = await eventually(async () => {
      const text = await admin.run(['-n', 'team', 'logs', 'talker']);
      expect(text).toMatch(/^host \d+(?:\.\d+){3}$/m);
      return text.split('\n');
    });
    expect(lines[0]).toBe('team');
    expect(lines.join('\n')).toContain(caPem.trim());
    const token = lines[1] ?? '';
    expect((await as(token, '-n', 'team', 'get', 'pods')).stdout).toContain('talker');
    await admin.run(['-n', 'team', 'delete', 'pod', 'talker', '--force', '--grace-period=0']);
    await eventually(async () => expect((await as(token, '-n', 'team', 'get', 'pods')).stderr).toContain('You must be logged in'));
  });

  describe('what lies in the data directory', () => {
    it('is for nobody else to read', () => {
      const open: string[] = [];
      const look = (directory: string): void => {
        for (const entry of readdirSync(directory, { withFileTypes: true })) {
          const file = path.join(directory, entry.name);
          if (entry.isFile() && (statSync(file).mode & 0o077) !== 0) open.push(file);
        }
      };
      expect(statSync(platform.dataDir).mode & 0o777).toBe(0o700);
      for (const part of ['.', 'pki', 'store', 'logs']) look(path.join(platform.dataDir, part));
      for (const part of ['pki', 'store']) expect(statSync(path.join(platform.dataDir, part)).mode & 0o077).toBe(0);
      expect(open).toEqual([]);
    });

    it('keeps no token in its logs', async () => {
      const token = (await admin.run(['-n', 'team', 'create', 'token', 'robot'])).trim();
      await as(token, '-n', 'team', 'create', 'configmap', 'refused');
      const hidden = [token, readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim()];
      for (const name of readdirSync(path.join(platform.dataDir, 'logs'))) {
        const text = readFileSync(path.join(platform.dataDir, 'logs', name), 'utf8');
        for (const secret of hidden) expect(text.includes(secret)).toBe(false);
      }
    });
  });
});
