import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The reasons are those of lib-volume-populator and volume-data-source-validator; what they don't have is named alike. */

/** The pod that fills the volume was made. */
export function populatorCreated(about: PersistentVolumeClaim): EventDraft {
  return { about, type: 'Normal', reason: 'PopulatorCreated', message: 'Populator started' };
}

/** What is made to fill the volume does not come on: whoever waits for the claim may not look where that is. */
export function populatorWaits(about: PersistentVolumeClaim, problem: string): EventDraft {
  return { about, type: 'Warning', reason: 'PopulatorWaiting', message: `Populator waits: ${problem}` };
}

/** A quarter more is done. */
export function populatorProgress(about: PersistentVolumeClaim, text: string): EventDraft {
  return { about, type: 'Normal', reason: 'PopulatorProgress', message: `Populator has filled in ${text}` };
}

/** The volume is full, and the claim's. */
export function populatorFinished(about: PersistentVolumeClaim): EventDraft {
  return { about, type: 'Normal', reason: 'PopulatorFinished', message: 'Populator finished' };
}

/** A filling came to nothing; another follows. */
export function populatorFailed(about: PersistentVolumeClaim, problem: string): EventDraft {
  return { about, type: 'Warning', reason: 'PopulatorFailed', message: `Populator failed: ${problem}` };
}

/** What the claim names is not there. */
export function dataSourceNotFound(about: PersistentVolumeClaim, source: string): EventDraft {
  const message = `${source} does not exist: create it first; the claim is filled as soon as it is there`;
  return { about, type: 'Warning', reason: 'PopulatorDataSourceNotFound', message };
}

/** The claim can't be filled as it stands, or may not. */
export function populationRefused(about: PersistentVolumeClaim, problem: string): EventDraft {
  return { about, type: 'Warning', reason: 'PopulateOperationStartError', message: `Failed to start populate operation: ${problem}` };
}

/** Nobody here has said that he fills volumes from such objects. */
export function unrecognizedKind(about: PersistentVolumeClaim, kind: string): EventDraft {
  const message = `The data source for this PVC does not match any registered VolumePopulator: ${kind}. Install its populator, which registers the kind`;
  return { about, type: 'Warning', reason: 'UnrecognizedDataSourceKind', message };
}
