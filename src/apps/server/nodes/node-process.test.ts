import { expect, it } from 'vitest';
import { silentLogger } from '#kit/log.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { NodeProcess } from './node-process.ts';

function start(script: string, clock = new FakeClock()): { readonly node: NodeProcess; readonly readies: () => number } {
  let count = 0;
  const node = new NodeProcess({
    nodeName: 'node-2',
    argv: ['sh', '-c', script],
    onReady: () => (count += 1),
    standing: () => ({ wanted: {} }),
    clock,
    log: silentLogger,
  });
  node.start();
  return { node, readies: () => count };
}

it('keeps what a node that can not start has said, and starts it again after a wait', async () => {
  const clock = new FakeClock();
  const { node, readies } = start('echo "stowage: the pool is broken" >&2; echo "    at somewhere" >&2; echo ready; exit 3', clock);
  await node.ready;
  await expect.poll(() => node.complaint).toBe('stowage: the pool is broken');
  await expect.poll(() => clock.timers).toBe(1);
  expect(readies()).toBe(1);
  await clock.step(500);
  await expect.poll(readies).toBe(2);
  await expect.poll(() => clock.timers).toBe(1);
  await node.stop();
  expect(clock.timers).toBe(0);
});

it('ends a node, and one that was stopped too', async () => {
  const { node } = start('echo ready; kill -STOP $$; exec sleep 60');
  await node.ready;
  await node.stop();
});

it('PLUG-1: says what is wanted before and after a node has started, hears what it can not, and asks it', async () => {
  const faults: object[] = [];
  const clock = new FakeClock();
  const script = `
    read first; echo "$first" | grep -q '"wanted":{"nfs":{}}' && echo '{"id":1}'
    echo ready; read second; echo '{"id":2,"faults":{"nfs":"no disk"}}'
    read third; echo '{"id":3,"lacks":["a disk"]}'; read fourth`;
  const node = new NodeProcess({
    nodeName: 'node-2',
    argv: ['sh', '-c', script],
    onReady: () => {},
    standing: () => ({ wanted: { nfs: {} } }),
    onFaults: (told) => void faults.push(told),
    clock,
    log: silentLogger,
  });
  expect(await node.order({ preflight: 'nfs' })).toBeUndefined();
  node.start();
  await node.ready;
  await expect.poll(() => faults).toEqual([{ nfs: 'no disk' }]);
  expect(await node.order({ preflight: 'nfs' })).toEqual({ id: 3, lacks: ['a disk'] });
  const unanswered = node.order({ preflight: 'nfs' });
  await expect(unanswered).resolves.toBeUndefined();
  await node.stop();
  expect(clock.timers).toBe(0);
});
