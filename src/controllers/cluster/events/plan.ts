import type { Event } from '#api/generated/kubernetes.ts';

/** How long an event is kept after it last happened: 1 h (kube-apiserver `--event-ttl`). */
export const EVENT_TTL_MS = 3_600_000;

/**
 * When the event last happened, in milliseconds since the Unix epoch; its creation counts.
 * Times further ahead than an event's life are no times: a writer with a wrong clock must not keep it for ever.
 */
export function lastSeenMs(event: Event, nowMs: number): number {
  const times = [
    event.lastTimestamp,
    event.series?.lastObservedTime,
    event.eventTime,
    event.firstTimestamp,
    event.metadata.creationTimestamp,
  ];
  return Math.max(0, ...times.map((time) => Date.parse(time ?? '')).filter((epochMs) => epochMs <= nowMs + EVENT_TTL_MS));
}

/** Milliseconds until the event is to be deleted; 0 or less = now. */
export function remainingMs(event: Event, nowMs: number): number {
  return lastSeenMs(event, nowMs) + EVENT_TTL_MS - nowMs;
}
