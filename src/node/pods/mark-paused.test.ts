import { describe, expect, it } from 'vitest';
import type { Pod, PodStatus } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { pausedStatus } from './mark-paused.ts';

const NOW = '2026-01-01T00:00:00Z';
const pod = (status: PodStatus): Pod => ({ ...aStoredPod({ name: 'a' }), status });
const running = {
  name: 'main',
  ready: true,
  started: true,
  restartCount: 2,
  image: 'i',
  imageID: 'x',
  state: { running: { startedAt: 'before' } },
};
const ended = { name: 'init', ready: true, restartCount: 0, image: 'i', imageID: 'x', state: { terminated: { exitCode: 0 } } };

describe('RUN-1: what a pod is said to be while its platform is stopped', () => {
  it('is not ready, and its containers wait for the next start; what ended and how often it ran stays', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: 'before' },
      { type: 'Ready', status: 'True', lastTransitionTime: 'before' },
      { type: 'ContainersReady', status: 'False', lastTransitionTime: 'before' },
    ];
    const status = pausedStatus(
      pod({ phase: 'Running', podIP: '1.2.3.4', conditions, containerStatuses: [running], initContainerStatuses: [ended] }),
      NOW,
    );
    const paused = { reason: 'PlatformStopped', message: 'the platform was stopped; the pod runs again when it starts' };
    expect(status).toEqual({
      phase: 'Running',
      podIP: '1.2.3.4',
      conditions: [
        conditions[0],
        { type: 'Ready', status: 'False', lastTransitionTime: NOW, ...paused },
        { type: 'ContainersReady', status: 'False', lastTransitionTime: 'before', ...paused },
      ],
      containerStatuses: [{ ...running, ready: false, started: false, state: { waiting: paused } }],
      initContainerStatuses: [ended],
    });
  });

  it.each(['Succeeded', 'Failed'])('is what it was where it had ended: %s', (phase) => {
    expect(pausedStatus(pod({ phase, containerStatuses: [ended] }), NOW)).toBeUndefined();
  });
});
