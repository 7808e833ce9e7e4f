import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { freePort } from '#testing/free-port.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const run = promisify(execFile);
/** bcrypt of the password `swordfish`, as a registry's htpasswd file has it. */
const SWORDFISH = '$2b$05$abcdefghijklmnopqrstuupWDwJQeCHYIBQy8WvkVB6ImhZ476YYy';

describeWith(['root', 'runc', 'busybox', 'skopeo', 'registry', 'unzip', 'npm'], 'images of pods', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-images-'));
  const layout = path.join(folder, 'layout');
  let registry: ChildProcess;
  let address: string;
  let privateRegistry: ChildProcess;
  let privateAddress: string;
  let platform: PlatformProcess;

  beforeAll(async () => {
    await buildImage('one');
    address = `127.0.0.1:${await freePort()}`;
    registry = startRegistry(address);
    privateAddress = `127.0.0.1:${await freePort()}`;
    writeFileSync(path.join(folder, 'htpasswd'), `ann:${SWORDFISH}\n`);
    privateRegistry = startRegistry(privateAddress, `auth: {htpasswd: {realm: test, path: ${folder}/htpasswd}}`);
    await push('one', 'team/app:1');
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--insecure-registries', `${address},${privateAddress}`] });
  });
  afterAll(async () => {
    await platform.remove();
    registry.kill('SIGKILL');
    privateRegistry.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** An image with a program that says who and where it is, and the word `word`. */
  async function buildImage(word: string): Promise<void> {
    const root = path.join(folder, `root-${word}`);
    for (const dir of ['bin', 'etc', 'work', 'tmp', 'proc', 'dev', 'sys']) mkdirSync(path.join(root, dir), { recursive: true });
    const { stdout } = await run('sh', ['-c', 'command -v busybox']);
    copyFileSync(stdout.trim(), path.join(root, 'bin', 'busybox'));
    for (const applet of ['sh', 'id', 'pwd', 'sleep', 'echo']) symlinkSync('busybox', path.join(root, 'bin', applet));
    writeFileSync(path.join(root, 'etc', 'passwd'), 'app:x:70:71:app:/work:/bin/sh\n');
    writeFileSync(path.join(root, 'bin', 'app'), `#!/bin/sh\necho ${word} $GREETING $(id -u):$(id -g) $(pwd) "$@"\nsleep 3600\n`);
    chmodSync(path.join(root, 'bin', 'app'), 0o755);
    const config = ['--config.user', 'app', '--config.workingdir', '/work', '--config.entrypoint', '/bin/app', '--config.cmd', 'hello'];
    const image = `${layout}:${word}`;
    if (word === 'one') await run('umoci', ['init', '--layout', layout]);
    await run('umoci', ['new', '--image', image]);
    await run('umoci', ['insert', '--image', image, root, '/']);
    await run('umoci', ['config', '--image', image, ...config, '--config.env', 'GREETING=hi', '--config.env', 'PATH=/bin']);
  }

  /** `more`: further lines of the registry's configuration. */
  function startRegistry(at: string, more = ''): ChildProcess {
    const config = path.join(folder, `registry-${at}.yml`);
    const lines = [
      'version: 0.1',
      `storage: {filesystem: {rootdirectory: ${folder}/registry}}`,
      `http: {addr: "${at}"}`,
      'log: {level: error}',
      more,
    ];
    writeFileSync(config, lines.join('\n'));
    return spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  }

  const push = (word: string, name: string): Promise<unknown> =>
    eventually(() =>
      run('skopeo', ['--insecure-policy', 'copy', '--dest-tls-verify=false', `oci:${layout}:${word}`, `docker://${address}/${name}`]),
    );

  const start = (name: string, image: string, more: object = {}): Promise<string> =>
    platform.kubectl.run(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: {
          terminationGracePeriodSeconds: 0,
          imagePullSecrets: [{ name: name === 'with' ? 'ann' : 'absent' }],
          containers: [{ name: 'main', image, ...more }],
        },
      }),
    );
  const saysWhenRunning = (name: string): Promise<string> =>
    eventually(async () => {
      const text = await platform.kubectl.run(['logs', name]);
      expect(text).not.toBe('');
      return text;
    });
  const stowage = async (...words: string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    return (await run(program, [...args], { env: { ...process.env, ...env } })).stdout;
  };

  it('come from a registry, and run as their configuration says', async () => {
    await start('pulled', `${address}/team/app:1`);
    expect(await saysWhenRunning('pulled')).toBe('one hi 70:71 /work hello\n');
    const id = await platform.kubectl.run(['get', 'pod', 'pulled', '-o', 'jsonpath={.status.containerStatuses[0].imageID}']);
    expect(id).toMatch(new RegExp(`^${address}/team/app@sha256:[0-9a-f]{64}$`));
  });

  it('follow a tag that moved with Always, and stay with IfNotPresent', async () => {
    await buildImage('two');
    await push('two', 'team/app:1');
    await start('stays', `${address}/team/app:1`, { imagePullPolicy: 'IfNotPresent', args: ['again'] });
    expect(await saysWhenRunning('stays')).toBe('one hi 70:71 /work again\n');
    await start('follows', `${address}/team/app:1`, { imagePullPolicy: 'Always' });
    expect(await saysWhenRunning('follows')).toBe('two hi 70:71 /work hello\n');
  });

  it.each([
    {
      name: 'missing',
      image: (): string => `${address}/team/none:1`,
      policy: 'IfNotPresent',
      reason: /^(ErrImagePull|ImagePullBackOff)$/,
      says: /manifest unknown|not found|unknown/i,
    },
    {
      name: 'never',
      image: (): string => `${address}/team/none:1`,
      policy: 'Never',
      reason: /^ErrImageNeverPull$/,
      says: /imagePullPolicy is Never/,
    },
    { name: 'misspelt', image: (): string => 'Not An Image', policy: 'IfNotPresent', reason: /^InvalidImageName$/, says: /in lower case/ },
  ])('say why they can not be had: $name', async ({ name, image, policy, reason, says }) => {
    await start(name, image(), { imagePullPolicy: policy });
    await eventually(async () => {
      const waiting = ['get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}'];
      expect(await platform.kubectl.run(waiting)).toMatch(reason);
    });
    expect(await platform.kubectl.run(['describe', 'pod', name])).toMatch(says);
  });

  it('come from a private registry with the pod’s secret, and are not given to a pod without it', async () => {
    const login = ['--docker-server', privateAddress, '--docker-username', 'ann', '--docker-password', 'swordfish'];
    await platform.kubectl.run(['create', 'secret', 'docker-registry', 'ann', ...login]);
    const image = `${privateAddress}/team/app:1`;
    await start('with', image);
    expect(await saysWhenRunning('with')).toMatch(/^(one|two) hi/);
    await start('without', image, { imagePullPolicy: 'IfNotPresent' });
    await eventually(async () =>
      expect(await platform.kubectl.run(['describe', 'pod', 'without'])).toMatch(/authentication required|unauthorized/i),
    );
    await start('barred', image, { imagePullPolicy: 'Never' });
    await eventually(async () =>
      expect(await platform.kubectl.run(['describe', 'pod', 'barred'])).toMatch(/credentials that this pod does not have/),
    );
    const events = await platform.kubectl.run(['describe', 'pod', 'with']);
    expect(events).toMatch(/Pulling +.* Pulling image/);
    expect(events).toMatch(/Pulled +.* Successfully pulled image .* in [\d.]+s/);
  });

  it('that hang hold up nobody else', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const at = silent.address();
    const port = typeof at === 'object' && at !== null ? at.port : 0;
    await Promise.all(Array.from({ length: 10 }, (_, index) => start(`hangs-${index}`, `127.0.0.1:${port}/app:${index}`)));
    await start('goes-on', 'busybox', { command: ['sh', '-c', 'echo on; sleep 3600'] });
    expect(await saysWhenRunning('goes-on')).toBe('on\n');
    await platform.kubectl.run([
      'delete',
      'pod',
      '--grace-period=0',
      '--force',
      ...Array.from({ length: 10 }, (_, index) => `hangs-${index}`),
    ]);
    silent.close();
  });

  it.each(['oci-archive', 'docker-archive'])('come from an archive without any registry: %s', async (form) => {
    const file = path.join(folder, `${form}.tar`);
    await run('skopeo', ['--insecure-policy', 'copy', `oci:${layout}:one`, `${form}:${file}${form === 'docker-archive' ? ':app:1' : ''}`]);
    // why: each further node has a folder of its own
    const further = path.join(platform.dataDir, 'nodes', 'node-2');
    mkdirSync(further, { recursive: true });
    expect(await stowage('image', 'load', file, '--name', `example.com/${form}:1`)).toContain(`loaded example.com/${form}@sha256:`);
    expect(readdirSync(path.join(further, 'images'))).not.toEqual([]);
    expect(JSON.parse(await stowage('image', 'list', '-o', 'json'))).toContainEqual(
      expect.objectContaining({ names: [`example.com/${form}:1`] }),
    );
    await start(form, `example.com/${form}:1`);
    expect(await saysWhenRunning(form)).toBe('one hi 70:71 /work hello\n');
    expect(await stowage('image', 'remove', `example.com/${form}:1`)).toContain('removed');
    expect(await stowage('image', 'list')).not.toContain(`example.com/${form}:1`);
  });

  it('VOL-11: as volumes show the part that a subPath names, and make no part that is missing', async () => {
    const imageVolume = { name: 'v', image: { reference: `${address}/team/app:1`, pullPolicy: 'IfNotPresent' } };
    const podWith = (name: string, subPath: string | undefined, script: string): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 0,
        volumes: [imageVolume],
        containers: [
          { name: 'main', image: 'busybox', command: ['sh', '-c', script], volumeMounts: [{ name: 'v', mountPath: '/v', subPath }] },
        ],
      },
    });
    const items = [
      podWith('part', 'etc', 'cat /v/passwd; touch /v/new 2>/dev/null || echo kept; sleep 3600'),
      podWith('no-part', 'none/such', 'sleep 3600'),
      podWith('no-way', 'etc/passwd/deeper', 'sleep 3600'),
    ];
    await platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    expect(await saysWhenRunning('part')).toBe('app:x:70:71:app:/work:/bin/sh\nkept\n');
    await eventually(async () => {
      expect(await platform.kubectl.run(['describe', 'pod', 'no-part'])).toMatch(/Warning .*subPath: none is not there and can't be made/);
      expect(await platform.kubectl.run(['describe', 'pod', 'no-way'])).toMatch(
        /Warning .*subPath "etc\/passwd\/deeper" can't be followed inside the volume \(ENOTDIR\)/,
      );
    });
    const whole = podWith('whole', undefined, 'ls -d /v/none 2>/dev/null || echo unchanged; sleep 3600');
    await platform.kubectl.run(['apply', '-f', '-'], JSON.stringify(whole));
    expect(await saysWhenRunning('whole')).toBe('unchanged\n');
  });

  it('that are none are refused', async () => {
    await expect(stowage('image', 'load', folder, '--name', 'app:1')).rejects.toThrow(/is no image: give an archive of docker save/);
    await expect(stowage('image', 'load', '/etc/passwd', '--name', 'app:1')).rejects.toThrow(/is no image: give an archive of docker save/);
  });
});

describeWith(['root', 'runc', 'busybox'], 'the host’s programs in place of images', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--image-fallback', 'host'] });
  });
  afterAll(() => platform.remove());

  it('run what the container names, see no data and no keys, and leave the host alone', async () => {
    const script = `perl -e 'print "perl runs\n"'; cat /etc/shadow /etc/ssh/* ${platform.dataDir}/kubeconfig 2>/dev/null; ls -A /root; touch /usr/x 2>/dev/null || echo kept; sleep 3600`;
    const spec = { containers: [{ name: 'main', image: 'registry.invalid/tool:1', command: ['sh', '-c', script] }] };
    const other = { containers: [{ name: 'main', image: 'registry.invalid/tool:1' }] };
    for (const [name, body] of Object.entries({ command: spec, none: other })) {
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { ...body, terminationGracePeriodSeconds: 0 } };
      await platform.kubectl.run(['apply', '-f', '-'], JSON.stringify(pod));
    }
    await eventually(async () => expect(await platform.kubectl.run(['logs', 'command'])).toBe('perl runs\nkept\n'));
    expect(await platform.kubectl.run(['describe', 'pod', 'command'])).toMatch(/Warning +ImageFallback .*registry\.invalid\/tool:1/);
    await eventually(async () => expect(await platform.kubectl.run(['describe', 'pod', 'none'])).toMatch(/names its command/));
  });
});
