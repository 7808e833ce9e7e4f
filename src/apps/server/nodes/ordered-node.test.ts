import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import type { PackagedCode } from '../drivers/packaged-code.ts';
import { type NodeAnswer, NodeOrders, parseAnswer } from './node-orders.ts';
import { OrderedNode } from './ordered-node.ts';

/** A node whose platform speaks through `input`, and what it has answered and done. */
function start() {
  const input = new PassThrough();
  const answers: NodeAnswer[] = [];
  const done: string[] = [];
  const node = new OrderedNode(new NodeOrders(input), (answer) => void answers.push(answer));
  const tools = {
    served: {
      ensure: async (module: string, settings: object, code?: PackagedCode) => {
        if (module === 'broken') throw new PlatformError({ code: 'Internal', reason: 'Internal', message: 'it is broken' });
        done.push(`ensure ${module} ${JSON.stringify(settings)}${code === undefined ? '' : ` by ${code.driverName}`}`);
      },
      remove: async (module: string) => void done.push(`remove ${module}`),
    },
    preflight: async (module: string, code?: PackagedCode) => [`${module} needs ${code?.packageName ?? 'a disk'}`],
  };
  const say = (...lines: readonly (object | string)[]): void =>
    lines.forEach((line) => input.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`));
  return { input, node, answers, done, tools, say };
}

it('PLUG-1: a further node begins with the drivers that its platform wants, and follows what it says from then on', async () => {
  const { input, node, answers, done, tools, say } = start();
  say({ id: 1, wanted: { nfs: { size: 1 } } });
  const { wanted } = await node.first();
  expect([...wanted]).toEqual([['nfs', { size: 1 }]]);
  const following = node.follow(tools);
  say({ id: 2, wanted: { nfs: { size: 2 } } }, { id: 3, wanted: { broken: {}, other: {} } }, { id: 4, preflight: 'nfs' });
  await expect
    .poll(() => answers)
    .toEqual([{ id: 1 }, { id: 2, faults: {} }, { id: 3, faults: { broken: 'it is broken' } }, { id: 4, lacks: ['nfs needs a disk'] }]);
  expect(done).toEqual(['ensure nfs {"size":2}', 'remove nfs', 'ensure other {}']);
  input.end();
  await following;
  expect(node.ended.aborted).toBe(true);
});

it('PLUG-4: is told what to run for what it does not have itself', async () => {
  const { input, node, answers, done, tools, say } = start();
  const code = {
    'package/tape': { packageName: 'tape-1.0.0', driverName: 'tape.example.com', digest: 'd', source: 'x' },
    nfs: { source: 5 },
  };
  say({ id: 1 });
  await node.first();
  const following = node.follow(tools);
  say({ id: 2, wanted: { 'package/tape': {}, nfs: {} }, code }, { id: 3, preflight: 'package/tape', code });
  await expect
    .poll(() => answers.slice(1))
    .toEqual([
      { id: 2, faults: {} },
      { id: 3, lacks: ['package/tape needs tape-1.0.0'] },
    ]);
  expect(done).toEqual(['ensure package/tape {} by tape.example.com', 'ensure nfs {}']);
  input.end();
  await following;
});

it('what is no order is left out, and one may come in pieces', async () => {
  const { input, node, say } = start();
  say('hello', '{"id": "x"}', '{', '[1]');
  input.write('{"id":7,"wan');
  input.write('ted":{}}\n');
  expect([...(await node.first()).wanted]).toEqual([]);
});

it('a node whose platform is gone before it has said anything does not begin', async () => {
  const { input, node } = start();
  input.end();
  await expect(node.first()).rejects.toMatchObject({ code: 'Canceled' });
});

it.each([
  { line: 'ready', answer: undefined },
  { line: '{"faults":{}}', answer: undefined },
  { line: '{"id":1}', answer: { id: 1 } },
  { line: '{"id":1,"faults":{"nfs":"no"},"lacks":["a"],"x":1}', answer: { id: 1, faults: { nfs: 'no' }, lacks: ['a'] } },
])('a platform takes %j for an answer', ({ line, answer }) => {
  expect(parseAnswer(line)).toEqual(answer);
});
