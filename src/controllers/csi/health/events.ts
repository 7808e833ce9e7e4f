import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { type HealthCondition, healthText } from '#protocols/csi/volume-health.ts';

/** The driver says that the volume is not well (external-health-monitor's reason). */
export function volumeAbnormal(claim: PersistentVolumeClaim, conditions: readonly HealthCondition[]): EventDraft {
  return { about: claim, type: 'Warning', reason: 'VolumeConditionAbnormal', message: healthText(conditions) };
}

/** It is again (external-health-monitor's words). */
export function volumeWell(claim: PersistentVolumeClaim): EventDraft {
  return { about: claim, type: 'Normal', reason: 'VolumeConditionNormal', message: 'The Volume returns to the healthy state' };
}
