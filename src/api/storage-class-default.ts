import type { StorageClass } from './generated/kubernetes.ts';

/** The annotation that makes a class the default one. */
export const DEFAULT_CLASS_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';
/** Its earlier name, still honoured. */
const BETA_ANNOTATION = 'storageclass.beta.kubernetes.io/is-default-class';

/** True where claims without a class get this one. */
export function isDefaultClass(storageClass: Pick<StorageClass, 'metadata'>): boolean {
  const { annotations } = storageClass.metadata;
  return annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true' || annotations?.[BETA_ANNOTATION] === 'true';
}

/** The class that claims without one get: of several defaults the newest, then the first by name. */
export function pickDefaultClass<C extends Pick<StorageClass, 'metadata'>>(classes: readonly C[]): C | undefined {
  const [first] = classes.filter(isDefaultClass).toSorted((a, b) => {
    const [newer, older] = [Date.parse(b.metadata.creationTimestamp), Date.parse(a.metadata.creationTimestamp)];
    return newer - older || (a.metadata.name < b.metadata.name ? -1 : 1);
  });
  return first;
}
