import { describe, expect, it } from 'vitest';
import { ownMemoryLimits, storeBudget, storeLimits } from './store-budget.ts';

const MIB = 1024 * 1024;

describe('API-4: the budget of the store', () => {
  it.each([
    { name: 'a control group of 300 MiB', memoryMib: 300, heapMib: 259, budgetMib: 36 },
    { name: 'a control group of 1 GiB', memoryMib: 1_024, heapMib: 550, budgetMib: 211 },
    { name: 'a machine of 24 GiB', memoryMib: 24_104, heapMib: 4_288, budgetMib: 2_080 },
    { name: 'less than the platform itself needs', memoryMib: 100, heapMib: 80, budgetMib: 16 },
    { name: 'more than anybody needs', memoryMib: 1_000_000, heapMib: 1_000_000, budgetMib: 8_192 },
  ])('of $name is $budgetMib MiB', ({ memoryMib, heapMib, budgetMib }) => {
    expect(storeBudget({ memoryBytes: memoryMib * MIB, heapBytes: heapMib * MIB }) / MIB).toBe(budgetMib);
  });

  it('holds the kept events to half of itself', () => {
    expect(storeLimits(36 * MIB)).toEqual({ budgetBytes: 36 * MIB, maxEventBytes: 18 * MIB, compactBytes: 18 * MIB });
    expect(storeLimits(2_048 * MIB)).toMatchObject({ maxEventBytes: 64 * MIB, compactBytes: 32 * MIB });
  });

  it('knows the limits of this process', () => {
    const { memoryBytes, heapBytes } = ownMemoryLimits();
    expect(memoryBytes).toBeGreaterThan(64 * MIB);
    expect(memoryBytes).toBeLessThan(2 ** 50);
    expect(heapBytes).toBeGreaterThan(64 * MIB);
  });
});
