import type { KubeObject } from '#api/meta/object.ts';

/** An event as controllers build it: pure data. */
export interface EventDraft {
  readonly about: KubeObject;
  /** Normal for things that went as wished, Warning for what a user can mend. */
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** A sentence that a person can act on. */
  readonly message: string;
}

/** Records events, merging repetitions of (object, reason, message) into one with a count. Never throws and never blocks a reconcile. */
export interface EventRecorder {
  record(event: EventDraft): void;
}
