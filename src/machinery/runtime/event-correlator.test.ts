import { describe, expect, it } from 'vitest';
import { EventCorrelator } from './event-correlator.ts';
import type { EventDraft } from './event-recorder.ts';

const about = (name: string): EventDraft['about'] => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
});
const event = (message: string, name = 'a', reason = 'Failed'): EventDraft => ({ about: about(name), type: 'Warning', reason, message });
const MINUTE_MS = 60_000;

describe('API-3: events as client-go correlates them', () => {
  it('keeps nine messages apart, and combines from the tenth on', () => {
    const correlator = new EventCorrelator();
    const seen = Array.from({ length: 12 }, (_, index) => correlator.correlate(event(`try ${index}`), 0));
    expect(seen.map(({ isCombined }) => isCombined)).toEqual([...Array<boolean>(9).fill(false), true, true, true]);
    expect(seen[10]?.message).toBe('(combined from similar events): try 10');
    expect(new Set(seen.map(({ key }) => key)).size).toBe(10);
  });

  it('goes on apart with a message that it knows, with another reason, and after ten quiet minutes', () => {
    const correlator = new EventCorrelator();
    for (let index = 0; index < 10; index += 1) correlator.correlate(event(`try ${index}`), 0);
    expect(correlator.correlate(event('try 1', 'a', 'Other'), 0).isCombined).toBe(false);
    expect(correlator.correlate(event('try 1', 'b'), 0).isCombined).toBe(false);
    expect(correlator.correlate(event('try 77'), 10 * MINUTE_MS).isCombined).toBe(true);
    expect(correlator.correlate(event('try 78'), 20 * MINUTE_MS + 1).isCombined).toBe(false);
  });

  it('lets 25 events of an object through at once, then one in five minutes', () => {
    const correlator = new EventCorrelator();
    const allowed = (nowMs: number, name = 'a'): boolean => correlator.correlate(event('same', name), nowMs).isAllowed;
    const first = Array.from({ length: 26 }, () => allowed(0));
    expect(first.filter(Boolean)).toHaveLength(25);
    expect(first.at(-1)).toBe(false);
    expect(allowed(0, 'b')).toBe(true);
    expect(allowed(4 * MINUTE_MS)).toBe(false);
    expect(allowed(5 * MINUTE_MS)).toBe(true);
    expect(allowed(5 * MINUTE_MS)).toBe(false);
  });
});
