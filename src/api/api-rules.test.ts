import { describe, expect, it } from 'vitest';
import { formatAccessModes } from './access-modes.ts';
import { isConditionTrue, withCondition, withoutCondition } from './conditions.ts';

describe('access modes', () => {
  it('are printed in a fixed order, each once', () => {
    expect(formatAccessModes(['ReadWriteMany', 'ReadWriteOnce', 'ReadWriteMany', 'Other'])).toBe('RWO,RWX');
    expect(formatAccessModes(undefined)).toBe('');
  });
});

describe('conditions', () => {
  const at = (lastTransitionTime: string, status = 'True'): { type: string; status: string; lastTransitionTime: string } => ({
    type: 'Ready',
    status,
    lastTransitionTime,
  });

  it('move their time only with their status', () => {
    expect(withCondition([at('1')], at('2'))).toEqual([at('1')]);
    expect(withCondition([at('1')], at('2', 'False'))).toEqual([at('2', 'False')]);
    expect(withCondition(undefined, at('1'))).toEqual([at('1')]);
  });

  it('can be asked for and taken out', () => {
    expect(isConditionTrue([at('1')], 'Ready')).toBe(true);
    expect(isConditionTrue([at('1')], 'Other')).toBe(false);
    expect(withoutCondition([at('1')], 'Ready')).toEqual([]);
  });
});
