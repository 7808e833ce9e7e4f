import { expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import { clusterOf, csiNodeOf } from '#testing/builders/explained-cluster.ts';
import { driversConnected, driversOnNodes, eitherOf } from './drivers.ts';

const connected = driversConnected({ find: (name) => (name === 'own.example' ? trusted({}) : undefined), names: () => ['own.example'] });

it('knows of drivers what controllers know, what nodes say, or both', async () => {
  const cluster = await clusterOf({ csiNodes: [csiNodeOf('vendor.example')] });
  const onNodes = driversOnNodes(cluster.csiNodes);
  const both = eitherOf(connected, onNodes);
  const asked = ['own.example', 'vendor.example', 'gone.example'];
  expect(asked.map((name) => connected.has(name))).toEqual([true, false, false]);
  expect(asked.map((name) => onNodes.has(name))).toEqual([false, true, false]);
  expect(asked.map((name) => both.has(name))).toEqual([true, true, false]);
  expect([connected.names(), onNodes.names(), both.names()]).toEqual([
    ['own.example'],
    ['vendor.example'],
    ['own.example', 'vendor.example'],
  ]);
});
