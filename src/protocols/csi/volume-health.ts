import { cutText } from '#kit/cut-text.ts';
import type { VolumeCondition, VolumeHealth, VolumeHealthErrorType } from './generated/messages.ts';

/** Something that is wrong with a volume, in the words of the Kubernetes API (core/v1 VolumeHealthCondition). */
export interface HealthCondition {
  readonly status: 'Inaccessible' | 'DataLoss' | 'Degraded';
  readonly reason: string;
  readonly message?: string;
}

/** Bounds of the API (core/v1 VolumeHealthStatus, VolumeHealthCondition). */
const MAX_CONDITIONS = 16;
const MAX_REASON_BYTES = 256;
const MAX_MESSAGE_BYTES = 1024;

/** What a driver from before CSI 1.13 means by `abnormal` is not said: the reason is the event that Kubernetes makes of it. */
const ABNORMAL = 'VolumeConditionAbnormal';

const STATUSES: ReadonlyMap<string, HealthCondition['status']> = new Map<VolumeHealthErrorType, HealthCondition['status']>([
  ['DEGRADED', 'Degraded'],
  ['INACCESSIBLE', 'Inaccessible'],
  ['DATA_LOSS', 'DataLoss'],
]);

/** What is wrong with a volume, each status and reason once and in order; empty = nothing. What this version has no word for is left out (CSI 1.13 "VolumeHealth"). Pure. */
export function healthConditions({ healthStatuses = [] }: VolumeHealth): readonly HealthCondition[] {
  const known = new Map<string, HealthCondition>();
  for (const { status: type = '', reason = '', message = '' } of healthStatuses) {
    const status = STATUSES.get(type);
    const condition = status && saidOf(status, reason === '' ? status : reason, message);
    if (condition !== undefined) known.set(`${condition.status}/${condition.reason}`, condition);
  }
  const sorted = [...known].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, condition]) => condition);
  return sorted.slice(0, MAX_CONDITIONS);
}

/** The same of what drivers say that have VOLUME_CONDITION, which CSI 1.13 took back. Pure. */
export function healthOfCondition({ abnormal = false, message = '' }: VolumeCondition): readonly HealthCondition[] {
  return abnormal ? [saidOf('Degraded', ABNORMAL, message)] : [];
}

function saidOf(status: HealthCondition['status'], reason: string, message: string): HealthCondition {
  const told = message === '' ? {} : { message: cutText(message, MAX_MESSAGE_BYTES) };
  return { status, reason: cutText(reason, MAX_REASON_BYTES), ...told };
}

/** What is wrong, for an event. Pure. */
export function healthText(conditions: readonly HealthCondition[]): string {
  const texts = conditions.map(({ status, reason, message = '' }) => {
    if (reason === ABNORMAL) return message;
    return `${status} (${reason})${message === '' ? '' : `: ${message}`}`;
  });
  return texts.join('; ');
}
