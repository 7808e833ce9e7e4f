import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '#kit/json.ts';
import { PatchMalformed } from './errors.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const POD = 'io.k8s.api.core.v1.Pod';
const two = {
  spec: {
    containers: [
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
    ],
  },
};
const finalizers = (...names: readonly string[]): unknown => ({ metadata: { finalizers: names } });

describe('applyStrategicMergePatch', () => {
  it.each([
    {
      name: 'merges objects and deletes by null',
      document: { metadata: { labels: { a: '1', b: '2' } } },
      patch: { metadata: { labels: { a: null, c: '3' } } },
      result: { metadata: { labels: { b: '2', c: '3' } } },
    },
    {
      name: 'merges a list item by its key',
      document: two,
      patch: { spec: { containers: [{ name: 'b', image: '2' }] } },
      result: {
        spec: {
          containers: [
            { name: 'a', image: '1' },
            { name: 'b', image: '2' },
          ],
        },
      },
    },
    {
      name: 'adds a list item in front of server-only ones that follow',
      document: two,
      patch: { spec: { containers: [{ name: 'c', image: '3' }] } },
      result: {
        spec: {
          containers: [
            { name: 'c', image: '3' },
            { name: 'a', image: '1' },
            { name: 'b', image: '1' },
          ],
        },
      },
    },
    {
      name: 'deletes a list item',
      document: two,
      patch: { spec: { containers: [{ name: 'a', $patch: 'delete' }] } },
      result: { spec: { containers: [{ name: 'b', image: '1' }] } },
    },
    {
      name: 'replaces a list by directive',
      document: two,
      patch: { spec: { containers: [{ name: 'c', image: '3' }, { $patch: 'replace' }] } },
      result: { spec: { containers: [{ name: 'c', image: '3' }] } },
    },
    {
      name: 'replaces an object by directive',
      document: { metadata: { labels: { a: '1' } } },
      patch: { metadata: { labels: { $patch: 'replace', b: '2' } } },
      result: { metadata: { labels: { b: '2' } } },
    },
    {
      name: 'empties an object by directive',
      document: { metadata: { labels: { a: '1' } } },
      patch: { metadata: { labels: { $patch: 'delete' } } },
      result: { metadata: { labels: {} } },
    },
    {
      name: 'takes merge for the usual way',
      document: two,
      patch: { $patch: 'merge', spec: { containers: [{ name: 'a', $patch: 'merge', image: '2' }] } },
      result: {
        spec: {
          containers: [
            { name: 'a', image: '2' },
            { name: 'b', image: '1' },
          ],
        },
      },
    },
    {
      name: 'orders by $setElementOrder',
      document: two,
      patch: { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b', image: '2' }] } },
      result: {
        spec: {
          containers: [
            { name: 'b', image: '2' },
            { name: 'a', image: '1' },
          ],
        },
      },
    },
    {
      name: 'exchanges a volume source by $retainKeys',
      document: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
      patch: {
        spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'persistentVolumeClaim'], persistentVolumeClaim: { claimName: 'c' } }] },
      },
      result: { spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] } },
    },
    { name: 'merges sets of scalars', document: finalizers('a', 'b'), patch: finalizers('b', 'c'), result: finalizers('a', 'b', 'c') },
    {
      name: 'deletes from sets of scalars',
      document: finalizers('a', 'b'),
      patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
      result: finalizers('b'),
    },
    {
      name: 'deletes from and orders a set at once',
      document: finalizers('a', 'b', 'c'),
      patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], '$setElementOrder/finalizers': ['c', 'b'] } },
      result: finalizers('c', 'b'),
    },
    {
      name: 'replaces lists without a strategy',
      document: { spec: { containers: [{ name: 'a', args: ['1', '2'] }] } },
      patch: { spec: { containers: [{ name: 'a', args: ['3'] }] } },
      result: { spec: { containers: [{ name: 'a', args: ['3'] }] } },
    },
    {
      name: 'leaves nulls and directives out of what it adds',
      document: {},
      patch: { spec: { nodeName: null, containers: [{ name: 'a', image: '1', args: null }] } },
      result: { spec: { containers: [{ name: 'a', image: '1' }] } },
    },
    {
      name: 'merges maps of unknown fields as a merge patch',
      document: { other: { a: [1] } },
      patch: { other: { a: [2], b: 1 } },
      result: { other: { a: [2], b: 1 } },
    },
  ])('$name', ({ document, patch, result }) => {
    expect(applyStrategicMergePatch(deepFreeze(document), deepFreeze(patch), POD)).toEqual(result);
  });

  it.each([
    { name: 'a patch that is no object', patch: [], text: 'must be one JSON object' },
    { name: 'an unknown directive', patch: { spec: { $patch: 'explode' } }, text: 'spec: $patch must be' },
    {
      name: 'an item without its key',
      patch: { spec: { containers: [{ image: '1' }] } },
      text: 'does not contain declared merge key: name',
    },
    { name: 'a scalar where items are objects', patch: { spec: { containers: ['a'] } }, text: 'items must be objects' },
    {
      name: '$retainKeys that forget a field',
      patch: { spec: { volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: {} }] } },
      text: 'emptyDir is missing',
    },
    {
      name: 'an order that forgets an item',
      patch: { spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'a', image: '2' }] } },
      text: "doesn't match",
    },
    { name: 'an order that is no list', patch: { spec: { '$setElementOrder/containers': 'a' } }, text: 'must be a list' },
  ])('refuses $name', ({ patch, text }) => {
    expect(() => applyStrategicMergePatch(two, patch, POD)).toThrow(PatchMalformed);
    expect(() => applyStrategicMergePatch(two, patch, POD)).toThrow(text);
  });

  it('applied twice gives what it gave once, and keeps every server-only container', () => {
    const container = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), image: fc.string() });
    const containers = fc.uniqueArray(container, { selector: ({ name }) => name });
    fc.assert(
      fc.property(containers, containers, (before, changes) => {
        const patch = { spec: { containers: changes } };
        const once = applyStrategicMergePatch({ spec: { containers: before } }, patch, POD);
        expect(applyStrategicMergePatch(once, patch, POD)).toEqual(once);
        const names = new Set([...before, ...changes].map(({ name }) => name));
        expect(Object(once).spec.containers.length).toBe(names.size);
      }),
    );
  });
});

/** Two ports of one number are told apart by a field that is no merge key. */
const dns = { port: 53, name: 'dns', protocol: 'UDP' };
const dnsTcp = { port: 53, name: 'dns-tcp', protocol: 'TCP' };
const metrics = { port: 9153, name: 'metrics', protocol: 'TCP' };
const zone = { topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const softZone = { topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' };
const inContainer = (ports: readonly unknown[]): object => ({ spec: { containers: [{ name: 'dns', ports }] } });
const atContainer = [
  { containerPort: 53, protocol: 'UDP' },
  { containerPort: 53, protocol: 'TCP' },
];
const order = (...ports: readonly number[]): readonly object[] => ports.map((port) => ({ port }));

describe('API-2: items that share a merge key', () => {
  it.each([
    {
      name: 'stay where another item is replaced, as kubectl apply asks',
      document: { spec: { ports: [dns, dnsTcp, metrics] } },
      patch: {
        spec: {
          '$setElementOrder/ports': order(53, 53, 9154),
          ports: [
            { ...metrics, port: 9154 },
            { $patch: 'delete', port: 9153 },
          ],
        },
      },
      result: { spec: { ports: [dns, dnsTcp, { ...metrics, port: 9154 }] } },
    },
    {
      name: 'stay where the patch only adds',
      document: { spec: { ports: [dns, dnsTcp] } },
      patch: { spec: { ports: [{ port: 9999 }] } },
      result: { spec: { ports: [{ port: 9999 }, dns, dnsTcp] } },
    },
    {
      name: 'stay where the patch only orders',
      document: { spec: { ports: [dns, metrics, dnsTcp] } },
      patch: { spec: { '$setElementOrder/ports': order(9153, 53, 53) } },
      result: { spec: { ports: [metrics, dns, dnsTcp] } },
    },
    {
      name: 'are changed in the first of them',
      document: { spec: { ports: [dns, dnsTcp] } },
      patch: { spec: { ports: [{ port: 53, name: 'x' }] } },
      result: { spec: { ports: [{ ...dns, name: 'x' }, dnsTcp] } },
    },
    {
      name: 'are all deleted',
      document: { spec: { ports: [dns, metrics, dnsTcp] } },
      patch: { spec: { ports: [{ $patch: 'delete', port: 53 }] } },
      result: { spec: { ports: [metrics] } },
    },
    {
      name: 'are all replaced',
      document: { spec: { ports: [dns, dnsTcp] } },
      patch: { spec: { ports: [dnsTcp, { port: 53, protocol: 'SCTP' }, { $patch: 'replace' }] } },
      result: { spec: { ports: [dnsTcp, { port: 53, protocol: 'SCTP' }] } },
    },
    {
      name: 'stay apart in a list that is new',
      document: {},
      patch: { spec: { ports: [dns, dnsTcp] } },
      result: { spec: { ports: [dns, dnsTcp] } },
    },
  ])('$name', ({ document, patch, result }) => {
    expect(applyStrategicMergePatch(deepFreeze(document), deepFreeze(patch), 'io.k8s.api.core.v1.Service')).toEqual(result);
  });

  it.each([
    {
      name: 'ports of a container that is new',
      before: { spec: { containers: [] } },
      patch: inContainer(atContainer),
      after: inContainer(atContainer),
    },
    {
      name: 'spread constraints',
      before: { spec: { topologySpreadConstraints: [zone, softZone] } },
      patch: { spec: { topologySpreadConstraints: [{ topologyKey: 'host' }] } },
      after: { spec: { topologySpreadConstraints: [{ topologyKey: 'host' }, zone, softZone] } },
    },
    {
      name: 'variables',
      before: { spec: { containers: [{ name: 'a', env: [{ name: 'A', value: '1' }, { name: 'B' }, { name: 'A', value: '2' }] }] } },
      patch: { spec: { containers: [{ name: 'a', env: [{ name: 'B', $patch: 'delete' }] }] } },
      after: {
        spec: {
          containers: [
            {
              name: 'a',
              env: [
                { name: 'A', value: '1' },
                { name: 'A', value: '2' },
              ],
            },
          ],
        },
      },
    },
  ])('stay: $name', ({ before, patch, after }) => {
    expect(applyStrategicMergePatch(deepFreeze(before), deepFreeze(patch), POD)).toEqual(after);
  });

  it('an order that names a key once and a patch that changes it twice do not fit', () => {
    const patch = { spec: { '$setElementOrder/ports': order(53, 9153), ports: [dns, dnsTcp] } };
    expect(() => applyStrategicMergePatch({ spec: { ports: [dns] } }, patch, 'io.k8s.api.core.v1.Service')).toThrow("doesn't match");
  });

  it('are never lost by a patch that does not name them', () => {
    const port = fc.record({ port: fc.integer({ min: 1, max: 4 }), name: fc.string() });
    fc.assert(
      fc.property(fc.array(port), fc.array(port), (before, changes) => {
        const patched = Object(
          applyStrategicMergePatch({ spec: { ports: before } }, { spec: { ports: changes } }, 'io.k8s.api.core.v1.Service'),
        );
        const named = new Set(changes.map((change) => change.port));
        const others = (ports: readonly { readonly port: number }[]): unknown =>
          ports.filter((one) => !named.has(one.port)).toSorted((a, b) => a.port - b.port);
        expect(others(patched.spec.ports)).toEqual(others(before));
      }),
    );
  });
});

it.each([
  { name: 'nothing', patch: {}, selector: {} },
  { name: 'another label', patch: { matchLabels: { b: '2' } }, selector: { matchLabels: { b: '2' } } },
])('API-2: the selector of a disruption budget is replaced as a whole, by $name', ({ patch, selector }) => {
  const budget = { spec: { minAvailable: 1, selector: { matchLabels: { a: '1' } } } };
  const schema = 'io.k8s.api.policy.v1.PodDisruptionBudget';
  expect(applyStrategicMergePatch(budget, { spec: { selector: patch } }, schema)).toEqual({ spec: { minAvailable: 1, selector } });
});
