import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { leavesClassToDefault } from '../storage/claim.ts';
import { type ProjectMember, projectOf } from './allocation.ts';

/** The class that a new claim gets from the project of its namespace; undefined where it chose for itself, or the project has no default. Pure. */
export function projectClassFor(
  claim: PersistentVolumeClaim,
  namespace: ProjectMember,
  defaultOf: (project: string) => string | undefined,
): string | undefined {
  if (!leavesClassToDefault(claim)) return undefined;
  const project = projectOf(namespace);
  const className = project === '' ? undefined : defaultOf(project);
  return className === '' ? undefined : className;
}
