import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClientGo } from '#testing/clients/client-go.ts';
import { ensureGoProgram } from '#testing/clients/go-program.ts';
import { freePort } from '#testing/free-port.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const NAMESPACE = 'client-go';
const SHELVES = readFileSync(path.join(import.meta.dirname, '..', 'charts', 'store', 'crds', 'shelves.yaml'), 'utf8');
/** Building the program takes more than a minute the first time. */
const BUILD_TIMEOUT_MS = 900_000;

describeWith(['go', 'unzip', 'npm'], 'API-1: unmodified client-go', () => {
  let platform: PlatformProcess;
  let program: string;
  beforeAll(async () => {
    program = await ensureGoProgram('client-go');
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--port', String(await freePort())] });
    await platform.kubectl.run(['create', 'namespace', NAMESPACE]);
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => platform.remove());
  const start = (...args: string[]): ClientGo => new ClientGo(program, platform.kubeconfig, [NAMESPACE, ...args]);
  const kubectl = (args: readonly string[], stdin = ''): Promise<string> => platform.kubectl.run([...args, '-n', NAMESPACE], stdin);

  it('API-4: an informer sees each change once, also over restarts of the server', async () => {
    await kubectl(['create', 'cm', 'first', '--from-literal=value=0']);
    const informer = start('informer');
    await informer.saw({ synced: true });
    await informer.saw({ event: 'add', name: 'first', value: '0' });
    for (const round of [1, 2, 3]) {
      await kubectl(['create', 'cm', `made-${round}`]);
      await platform.end('SIGKILL');
      await platform.start();
      await kubectl(['patch', 'cm', 'first', '--type=merge', '-p', `{"data":{"value":"${round}"}}`]);
      await kubectl(['delete', 'cm', `made-${round}`]);
      await informer.saw({ event: 'update', name: 'first', value: String(round) });
      await informer.saw({ event: 'delete', name: `made-${round}` });
    }
    await informer.stop();
    const seen = informer.lines
      .filter(({ name }) => String(name).startsWith('made-') || name === 'first')
      .map((line) => JSON.stringify(line));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((line) => line.includes('"first"'))).toEqual(
      ['add', 'update', 'update', 'update'].map((event, round) => `{"event":"${event}","name":"first","value":"${round}"}`),
    );
  });

  it('elects one leader, and another when that one dies', async () => {
    const one = start('elect', 'one');
    await one.saw({ leading: 'one' });
    const two = start('elect', 'two');
    await two.saw({ leader: 'one' });
    await one.kill();
    await two.saw({ leading: 'two' });
    await two.saw({ leader: 'two' });
    expect(one.lines.filter((line) => 'leading' in line)).toHaveLength(1);
    await two.stop();
    expect(JSON.parse(await kubectl(['get', 'lease', 'election', '-o', 'json']))).toMatchObject({
      spec: { holderIdentity: '', leaseTransitions: 1 },
    });
  });

  it('applies on the server with conflict and force', async () => {
    expect(await start('apply').done()).toEqual([
      { conflict: true, fields: ['.data.value'] },
      { value: 'two', 'first owns': null },
    ]);
  });

  it('API-4: lists in pages of one revision while others write', async () => {
    for (let index = 0; index < 20; index += 1) await kubectl(['create', 'cm', `page-${index}`]);
    await kubectl(['label', 'cm', ...Array.from({ length: 20 }, (_, index) => `page-${index}`), 'page=yes']);
    expect(await start('pages').done()).toEqual([{ names: 20, revisions: 1, sizes: [7, 7, 6] }]);
  });

  it('API-2: works with objects of an own kind', async () => {
    await platform.kubectl.run(['apply', '-f', '-'], SHELVES);
    await platform.kubectl.run(['wait', '--for=condition=Established', 'crd/shelves.stores.example.com']);
    expect(await start('dynamic').done()).toEqual([
      { spec: { rows: 3, label: 'none' } },
      { event: 'MODIFIED', spec: { rows: 4, label: 'none' } },
      { stale: true },
      {
        invalid: true,
        message: expect.stringContaining('spec.rows: Invalid value: 99: spec.rows in body should be less than or equal to 9'),
      },
    ]);
  });

  it('speaks protobuf', async () => {
    expect(await start('protobuf').done()).toEqual([{ bytes: 'AP8B', type: 'Opaque' }]);
  });
});
