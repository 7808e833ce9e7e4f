import { describe, expect, it } from 'vitest';
import { type Observed, type ObservedOwner, planDependent } from './plan.ts';

const owners = (...states: ObservedOwner['state'][]): readonly ObservedOwner[] =>
  states.map((state, index) => ({ uid: `${state}-${index}`, state }));

describe('what becomes of an object with owners', () => {
  it.each<{ name: string; observed: Partial<Observed>; expected: object }>([
    { name: 'no owner', observed: {}, expected: { do: 'keep' } },
    { name: 'all owners there', observed: { owners: owners('solid', 'solid') }, expected: { do: 'keep' } },
    { name: 'one owner left', observed: { owners: owners('absent', 'solid') }, expected: { do: 'release', uids: ['absent-0'] } },
    {
      name: 'one owner left, others waiting and gone',
      observed: { owners: owners('waiting', 'solid', 'absent'), hasDependents: true },
      expected: { do: 'release', uids: ['waiting-0', 'absent-2'] },
    },
    {
      name: 'no owner left',
      observed: { owners: owners('absent', 'absent') },
      expected: { do: 'delete', propagation: 'Background', unblocksOwners: false },
    },
    {
      name: 'no owner left, and it has dependents of its own',
      observed: { owners: owners('absent'), hasDependents: true },
      expected: { do: 'delete', propagation: 'Background', unblocksOwners: false },
    },
    {
      name: 'an owner waits, no dependents',
      observed: { owners: owners('waiting') },
      expected: { do: 'delete', propagation: 'Background', unblocksOwners: false },
    },
    {
      name: 'an owner waits, with dependents',
      observed: { owners: owners('waiting', 'absent'), hasDependents: true },
      expected: { do: 'delete', propagation: 'Foreground', unblocksOwners: false },
    },
    {
      name: 'a circle of owners',
      observed: { owners: owners('waiting'), hasDependents: true, hasWaitingDependents: true },
      expected: { do: 'delete', propagation: 'Foreground', unblocksOwners: true },
    },
    {
      name: 'no owner left, its dependents to stay',
      observed: { owners: owners('absent'), finalizers: ['a.example.com/x', 'orphan'] },
      expected: { do: 'delete', propagation: 'Orphan', unblocksOwners: false },
    },
    {
      name: 'no owner left, its dependents first',
      observed: { owners: owners('absent'), finalizers: ['foregroundDeletion'] },
      expected: { do: 'delete', propagation: 'Foreground', unblocksOwners: false },
    },
  ])('$name', ({ observed, expected }) => {
    expect(planDependent({ owners: [], finalizers: [], hasDependents: false, hasWaitingDependents: false, ...observed })).toEqual(expected);
  });
});
