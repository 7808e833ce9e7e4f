import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionOf } from '#api/schema/definitions.ts';
import { deepEqual, deepFreeze } from '#kit/json.ts';
import { decideApply, type Applied } from './decide-apply.ts';
import { decideUpdate } from './decide-update.ts';
import { formatPaths } from './field-set.ts';
import { formatOwners, type Owner, type OwnerId, parseOwners } from './owners.ts';
import { ownableFields } from './system-fields.ts';

const DEPLOYMENT = definitionOf('io.k8s.api.apps.v1.Deployment').schema;
const ownable = ownableFields('', { subresources: ['status'] });
const NOW = '2026-01-01T00:00:00Z';
const LATER = '2026-01-02T00:00:00Z';

const applier = (name: string): OwnerId => ({ name, operation: 'Apply', apiVersion: 'apps/v1', subresource: '' });
const updater = (name: string): OwnerId => ({ name, operation: 'Update', apiVersion: 'apps/v1', subresource: '' });

interface State {
  readonly object: unknown;
  readonly owners: readonly Owner[];
  /** When the next change is made; the first of January where nothing is said. */
  readonly now?: string;
}

const later = (state: State, now = LATER): State => ({ ...state, now });

const NONE: State = { object: {}, owners: [] };

function apply(state: State, name: string, applied: unknown): Applied {
  const given = {
    owners: state.owners,
    self: applier(name),
    schema: DEPLOYMENT,
    live: state.object,
    applied,
    now: state.now ?? NOW,
    ownable,
  };
  return decideApply(deepFreeze(given));
}

function update(state: State, name: string, after: unknown): State {
  const given = {
    owners: state.owners,
    self: updater(name),
    schema: DEPLOYMENT,
    before: state.object,
    after,
    now: state.now ?? NOW,
    ownable,
  };
  return { object: after, owners: decideUpdate(deepFreeze(given)) };
}

const conflictsOf = ({ conflicts }: Applied): readonly string[] =>
  conflicts.flatMap(({ owner, fields }) => formatPaths(fields).map((path) => `${owner.name} ${path}`));
const ownedBy = ({ owners }: State, name: string): readonly string[] =>
  owners.filter((owner) => owner.name === name).flatMap(({ fields }) => formatPaths(fields));

const containers = (...items: readonly object[]): object => ({ spec: { template: { spec: { containers: items } } } });
const labels = (given: object): object => ({ metadata: { labels: given } });

describe('decideApply', () => {
  it.each<{ name: string; first: unknown; next: unknown; object: unknown }>([
    { name: 'takes over the value', first: { spec: { replicas: 1 } }, next: { spec: { replicas: 2 } }, object: { spec: { replicas: 2 } } },
    {
      name: 'removes a field that is dropped',
      first: { spec: { replicas: 1, paused: true } },
      next: { spec: { paused: true } },
      object: { spec: { paused: true } },
    },
    {
      name: 'removes a struct with its last field',
      first: { spec: { replicas: 1 } },
      next: { metadata: { labels: { a: '1' } } },
      object: labels({ a: '1' }),
    },
    { name: 'removes the key of a map', first: labels({ a: '1', b: '2' }), next: labels({ b: '2' }), object: labels({ b: '2' }) },
    {
      name: 'removes the item of a list',
      first: containers({ name: 'a', image: 'x' }, { name: 'b', image: 'y' }),
      next: containers({ name: 'b', image: 'y' }),
      object: containers({ name: 'b', image: 'y' }),
    },
    {
      name: 'removes the field of an item',
      first: containers({ name: 'a', image: 'x', tty: true }),
      next: containers({ name: 'a', image: 'x' }),
      object: containers({ name: 'a', image: 'x' }),
    },
    {
      name: 'replaces an atomic list',
      first: containers({ name: 'a', args: ['1', '2'] }),
      next: containers({ name: 'a', args: ['2'] }),
      object: containers({ name: 'a', args: ['2'] }),
    },
    {
      name: 'replaces an atomic map as a whole',
      first: { spec: { selector: { matchLabels: { a: '1', b: '2' } } } },
      next: { spec: { selector: { matchLabels: { b: '2' } } } },
      object: { spec: { selector: { matchLabels: { b: '2' } } } },
    },
    {
      name: 'tells ports apart by number and protocol, TCP where none is named',
      first: containers({ name: 'a', ports: [{ containerPort: 80, name: 'x' }] }),
      next: containers({
        name: 'a',
        ports: [
          { containerPort: 80, protocol: 'UDP' },
          { containerPort: 80, protocol: 'TCP', name: 'y' },
        ],
      }),
      object: containers({
        name: 'a',
        ports: [
          { containerPort: 80, protocol: 'UDP' },
          { containerPort: 80, protocol: 'TCP', name: 'y' },
        ],
      }),
    },
    {
      name: 'removes from a set only what is dropped',
      first: { metadata: { finalizers: ['a/a', 'b/b'] } },
      next: { metadata: { finalizers: ['b/b'] } },
      object: { metadata: { finalizers: ['b/b'] } },
    },
  ])('of the same applier $name', ({ first, next, object }) => {
    const applied = apply(later(apply(NONE, 'me', first)), 'me', next);
    expect(applied.object).toEqual(object);
    expect(conflictsOf(applied)).toEqual([]);
  });

  it.each<{ name: string; theirs: unknown; mine: unknown; conflicts: readonly string[] }>([
    { name: 'another value', theirs: { spec: { replicas: 1 } }, mine: { spec: { replicas: 2 } }, conflicts: ['you .spec.replicas'] },
    { name: 'the same value', theirs: { spec: { replicas: 1 } }, mine: { spec: { replicas: 1 } }, conflicts: [] },
    { name: 'another field', theirs: { spec: { replicas: 1 } }, mine: { spec: { paused: true } }, conflicts: [] },
    { name: 'another label', theirs: labels({ a: '1' }), mine: labels({ b: '1' }), conflicts: [] },
    { name: 'a label', theirs: labels({ 'x.y/a': '1' }), mine: labels({ 'x.y/a': '2' }), conflicts: ['you .metadata.labels.x.y/a'] },
    {
      name: 'a field of the same container',
      theirs: containers({ name: 'a', image: 'x' }),
      mine: containers({ name: 'a', image: 'y', tty: true }),
      conflicts: ['you .spec.template.spec.containers[name="a"].image'],
    },
    {
      name: 'another container',
      theirs: containers({ name: 'a', image: 'x' }),
      mine: containers({ name: 'b', image: 'y' }),
      conflicts: [],
    },
    {
      name: 'an atomic list',
      theirs: containers({ name: 'a', args: ['1'] }),
      mine: containers({ name: 'a', args: ['1', '2'] }),
      conflicts: ['you .spec.template.spec.containers[name="a"].args'],
    },
    {
      name: 'several fields',
      theirs: { spec: { replicas: 1, paused: true } },
      mine: { spec: { replicas: 2, paused: false } },
      conflicts: ['you .spec.paused', 'you .spec.replicas'],
    },
    { name: 'its status, which it can not own', theirs: { spec: { replicas: 1 } }, mine: { status: { replicas: 2 } }, conflicts: [] },
  ])('of another applier conflicts over $name: $conflicts', ({ theirs, mine, conflicts }) => {
    expect(conflictsOf(apply(apply(NONE, 'you', theirs), 'me', mine))).toEqual(conflicts);
    const updated = update(NONE, 'you', theirs);
    expect(conflictsOf(apply(updated, 'me', mine))).toEqual(conflicts);
  });

  it('takes the fields in conflict from their owner where it is forced', () => {
    const forced = apply(apply(NONE, 'you', { spec: { replicas: 1, paused: true } }), 'me', { spec: { replicas: 2 } });
    expect(forced.object).toEqual({ spec: { replicas: 2, paused: true } });
    expect([ownedBy(forced, 'you'), ownedBy(forced, 'me')]).toEqual([['.spec.paused'], ['.spec.replicas']]);
  });

  it('keeps what an applier drops while another one still applies it, or updated it', () => {
    for (const other of [apply, update]) {
      const mine = apply(NONE, 'me', labels({ a: '1', b: '2' }));
      const theirs = other === apply ? labels({ a: '1' }) : labels({ a: '3', b: '2' });
      const shared = other(mine, 'you', theirs);
      expect(apply(later(shared), 'me', labels({ b: '2' })).object).toEqual(other === apply ? labels({ a: '1', b: '2' }) : theirs);
    }
  });

  it('keeps what nobody owns', () => {
    const mine = apply(NONE, 'me', containers({ name: 'a', image: 'x' }));
    const filled = { ...mine, object: { ...containers({ name: 'a', image: 'x' }), metadata: { finalizers: ['by/system'] } } };
    expect(apply(filled, 'me', { spec: { replicas: 1 } }).object).toEqual({
      spec: { replicas: 1 },
      metadata: { finalizers: ['by/system'] },
    });
  });

  it('keeps what nobody owns beside what goes, in maps and lists; in a struct it goes too', () => {
    const volumes = (source: object): object => ({ template: { spec: { volumes: [{ name: 'v', ...source }] } } });
    const mine = apply(NONE, 'me', {
      metadata: { annotations: { mine: '1' }, finalizers: ['a/mine'] },
      spec: { paused: true, ...volumes({ configMap: { name: 'c' } }) },
    });
    const filled = {
      ...mine,
      object: {
        metadata: { annotations: { mine: '1', system: '1' }, finalizers: ['a/mine', 'b/system'] },
        spec: { paused: true, replicas: 1, ...volumes({ configMap: { name: 'c', defaultMode: 420 } }) },
      },
    };
    expect(apply(filled, 'me', { spec: volumes({ emptyDir: {} }) }).object).toEqual({
      metadata: { annotations: { system: '1' }, finalizers: ['b/system'] },
      spec: { replicas: 1, ...volumes({ emptyDir: {} }) },
    });
    expect(apply(filled, 'me', {}).object).toEqual({
      metadata: { annotations: { system: '1' }, finalizers: ['b/system'] },
      spec: { replicas: 1 },
    });
  });

  it('joins lists: applied items in the applied order, the others where they were', () => {
    const names = (...list: readonly string[]): object => containers(...list.map((name) => ({ name })));
    const live = update(NONE, 'you', names('a', 'b', 'c', 'd'));
    expect(apply(live, 'me', names('x', 'c', 'a')).object).toEqual(names('b', 'x', 'c', 'd', 'a'));
    expect(apply(live, 'me', names('x')).object).toEqual(names('a', 'b', 'c', 'd', 'x'));
    expect(apply(live, 'me', names('b', 'x')).object).toEqual(names('a', 'b', 'c', 'd', 'x'));
  });

  it('treats items that share their keys as one field', () => {
    const env = (...items: readonly object[]): object => containers({ name: 'a', env: items });
    const live = update(NONE, 'you', env({ name: 'A', value: '1' }, { name: 'A', value: '2' }, { name: 'B', value: '3' }));
    expect(ownedBy(live, 'you')).toContain('.spec.template.spec.containers[name="a"].env[name="A"]');
    expect(apply(live, 'me', env({ name: 'B', value: '3' })).object).toEqual(live.object);
    const applied = apply(live, 'me', env({ name: 'A', value: '4' }));
    expect(applied.object).toEqual(env({ name: 'A', value: '4' }, { name: 'B', value: '3' }));
    expect(conflictsOf(applied)).toEqual(['you .spec.template.spec.containers[name="a"].env[name="A"]']);
  });

  it('owns an empty struct, and no field that says what the object is', () => {
    const applied = apply(NONE, 'me', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', namespace: 'b', uid: 'c' },
      ...containers({ name: 'a', securityContext: {} }),
    });
    expect(ownedBy(applied, 'me')).toEqual([
      '.spec.template.spec.containers[name="a"]',
      '.spec.template.spec.containers[name="a"].name',
      '.spec.template.spec.containers[name="a"].securityContext',
    ]);
  });

  const item = fc.record(
    { name: fc.constantFrom('a', 'b', 'c'), image: fc.constantFrom('x', 'y'), args: fc.array(fc.constantFrom('1', '2'), { maxLength: 2 }) },
    { requiredKeys: ['name'] },
  );
  const config = fc
    .record(
      {
        labels: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.constantFrom('1', '2')),
        finalizers: fc.uniqueArray(fc.constantFrom('a/a', 'b/b', 'c/c')),
        replicas: fc.nat(2),
        strategy: fc.constantFrom({}, { type: 'Recreate' }, { rollingUpdate: { maxSurge: 1 } }),
        containers: fc.uniqueArray(item, { selector: ({ name }) => name, maxLength: 3 }),
      },
      { requiredKeys: [] },
    )
    .map(({ labels: given, finalizers, replicas, strategy, containers: list }) => ({
      metadata: { ...(given === undefined ? {} : { labels: given }), ...(finalizers === undefined ? {} : { finalizers }) },
      spec: {
        ...(replicas === undefined ? {} : { replicas }),
        ...(strategy === undefined ? {} : { strategy }),
        ...(list === undefined ? {} : { template: { spec: { containers: list } } }),
      },
    }));
  const step = fc.record({ name: fc.constantFrom('me', 'you'), isUpdate: fc.boolean(), config });
  const history = (steps: readonly { name: string; isUpdate: boolean; config: unknown }[]): State =>
    steps.reduce<State>((state, { name, isUpdate, config: given }) => (isUpdate ? update : apply)(state, name, given), NONE);

  it('of the same again changes nothing, not even a time (any history)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), config, (steps, last) => {
        const once = apply(history(steps), 'me', last);
        const twice = apply(later(once), 'me', last);
        expect(twice.object).toEqual(once.object);
        expect(twice.conflicts).toEqual([]);
        expect(formatOwners(twice.owners)).toEqual(formatOwners(once.owners));
      }),
    );
  });

  it('has every field that it sets, owned; and what is owned can be written down and read back (any history)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), config, (steps, last) => {
        const done = apply(history(steps), 'me', last);
        expect(conflictsOf(apply({ object: last, owners: [] }, 'me', done.object))).toEqual([]);
        const again = apply(done, 'me', last);
        expect(deepEqual(again.object, done.object)).toBe(true);
        const read = parseOwners(JSON.parse(JSON.stringify(formatOwners(done.owners) ?? [])));
        expect(formatOwners(read ?? [])).toEqual(formatOwners(done.owners));
      }),
    );
  });
});

describe('decideUpdate', () => {
  it('gives a field to who changed it last, and a new object to who made it', () => {
    const made = update(NONE, 'you', { ...labels({ a: '1' }), spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: 1 } } } });
    // the structs that Go has no pointer to are always there, so nobody owns their being there
    expect(ownedBy(made, 'you')).toEqual([
      '.metadata.labels',
      '.metadata.labels.a',
      '.spec.replicas',
      '.spec.strategy.rollingUpdate',
      '.spec.strategy.rollingUpdate.maxSurge',
    ]);
    const changed = update(later(made), 'me', { ...labels({ a: '2', b: '3' }), spec: { replicas: 1 } });
    expect(ownedBy(changed, 'you')).toEqual(['.metadata.labels', '.spec.replicas']);
    expect(ownedBy(changed, 'me')).toEqual(['.metadata.labels.a', '.metadata.labels.b']);
    expect(changed.owners.map(({ name, time }) => [name, time])).toEqual([
      ['you', NOW],
      ['me', LATER],
    ]);
  });

  it('takes a field from an applier whose value it changes', () => {
    const changed = update(apply(NONE, 'me', { spec: { replicas: 1 } }), 'you', { spec: { replicas: 3 } });
    expect([ownedBy(changed, 'me'), ownedBy(changed, 'you')]).toEqual([[], ['.spec.replicas']]);
  });

  it('changes nothing where nothing changed, and no time where fields only went', () => {
    const made = update(NONE, 'you', labels({ a: '1', b: '2' }));
    expect(update(later(made), 'me', labels({ b: '2', a: '1' })).owners).toEqual(made.owners);
    const less = update(later(made), 'you', labels({ a: '1' }));
    expect(less.owners.map(({ name, time }) => [name, time])).toEqual([['you', NOW]]);
    expect(ownedBy(less, 'you')).toEqual(['.metadata.labels', '.metadata.labels.a']);
  });

  it('merges the oldest of more than ten updaters, never an applier', () => {
    let state = update(apply(NONE, 'me', labels({ own: '1' })), 'u00', labels({ own: '1', k00: '1' }));
    const given: Record<string, string> = { own: '1', k00: '1' };
    for (let index = 1; index <= 12; index += 1) {
      const id = String(index).padStart(2, '0');
      given[`k${id}`] = '1';
      state = update(later(state, `2026-01-01T00:00:${id}Z`), `u${id}`, labels({ ...given }));
    }
    const updaters = state.owners.filter(({ operation }) => operation === 'Update');
    expect(updaters).toHaveLength(10);
    expect(ownedBy(state, 'ancient-changes')).toEqual([
      '.metadata.labels.k00',
      '.metadata.labels.k01',
      '.metadata.labels.k02',
      '.metadata.labels.k03',
    ]);
    expect(updaters.find(({ name }) => name === 'ancient-changes')?.time).toBe('2026-01-01T00:00:03Z');
    expect(ownedBy(state, 'me')).toEqual(['.metadata.labels.own']);
  });
});
