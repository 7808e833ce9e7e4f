import { describe, expect, it } from 'vitest';
import { formatAccessModes, offersAccessModes } from './access-modes.ts';
import { isConditionTrue, withCondition, withoutCondition } from './conditions.ts';
import { pickDefaultClass } from './storage-class-default.ts';
import { claimClassName, volumeClassName } from './storage-class-name.ts';

const meta = (name: string, more: object = {}): { name: string; uid: string; resourceVersion: string; creationTimestamp: string } => ({
  name,
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...more,
});

describe('access modes', () => {
  it('are printed in a fixed order, each once', () => {
    expect(formatAccessModes(['ReadWriteMany', 'ReadWriteOnce', 'ReadWriteMany', 'Other'])).toBe('RWO,RWX');
    expect(formatAccessModes(undefined)).toBe('');
  });

  it('VOL-8: fit where all that are wanted are offered', () => {
    expect(offersAccessModes(['ReadWriteOnce', 'ReadOnlyMany'], ['ReadOnlyMany'])).toBe(true);
    expect(offersAccessModes(['ReadWriteOnce'], ['ReadWriteOnce', 'ReadWriteMany'])).toBe(false);
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

describe('classes', () => {
  const marked = (name: string, creationTimestamp: string): { metadata: ReturnType<typeof meta> } => ({
    metadata: meta(name, { creationTimestamp, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }),
  });

  it('VOL-5: of several defaults the newest counts, then the first by name', () => {
    const old = marked('a', '2026-01-01T00:00:00Z');
    const newer = [marked('c', '2026-02-01T00:00:00Z'), marked('b', '2026-02-01T00:00:00Z')];
    expect(pickDefaultClass([old, ...newer])?.metadata.name).toBe('b');
    expect(pickDefaultClass([{ metadata: meta('x') }])).toBeUndefined();
  });

  it.each([
    { name: 'none named', object: { metadata: meta('n'), spec: {} }, claim: undefined, volume: '' },
    { name: 'no class on purpose', object: { metadata: meta('n'), spec: { storageClassName: '' } }, claim: '', volume: '' },
    {
      name: 'the old annotation wins',
      object: {
        metadata: meta('n', { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } }),
        spec: { storageClassName: 'new' },
      },
      claim: 'old',
      volume: 'old',
    },
  ])('are read from claims and volumes: $name', ({ object, claim, volume }) => {
    expect(claimClassName(object)).toBe(claim);
    expect(volumeClassName(object)).toBe(volume);
  });
});
