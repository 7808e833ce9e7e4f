import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet, Volume } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { setClaimName } from '#api/stateful-set-claims.ts';
import { podFromTemplate } from '../pod-template.ts';
import { REVISION_HASH, templateOf } from '../revision-history.ts';

/** A StatefulSet's pods are numbered; the number is at the end of the name. */
const NUMBERED = /^(.*)-([0-9]+)$/;
const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

/** The number of `pod` among those of `set`; undefined for a pod with another sort of name. */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number | undefined {
  const [, parent, ordinal] = NUMBERED.exec(metadata.name) ?? [];
  return parent === set.metadata.name && ordinal !== undefined && String(Number(ordinal)) === ordinal ? Number(ordinal) : undefined;
}

/** The revision that `pod` was made from. */
export function revisionOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[REVISION_HASH];
}

/** The name of the pod with that number. */
export function podName({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

/** The labels that every pod of a set has for its number. */
export function identityLabels(set: StatefulSet, ordinal: number): Readonly<Record<string, string>> {
  return { [POD_NAME]: podName(set, ordinal), [POD_INDEX]: String(ordinal) };
}

/** The pod of `set` with that number, from the template of `revision` (stateful_set_utils.go `newStatefulSetPod`). Pure. */
export function podDraft(set: StatefulSet, ordinal: number, revision: ControllerRevision): Draft<Pod> {
  const name = podName(set, ordinal);
  const labels = { ...identityLabels(set, ordinal), [REVISION_HASH]: revision.metadata.name };
  const draft = podFromTemplate(set, templateOf(revision), { name, labels, generateName: `${set.metadata.name}-` });
  const { serviceName } = set.spec;
  const named = { hostname: name, ...(serviceName === undefined || serviceName === '' ? {} : { subdomain: serviceName }) };
  return { ...draft, spec: { ...draft.spec, ...named, volumes: volumesOf(set, draft.spec.volumes ?? [], ordinal) } };
}

/** The claims of the pod with that number, as they are made (stateful_set_utils.go `getPersistentVolumeClaims`). Pure. */
export function claimDrafts(set: StatefulSet, ordinal: number): readonly Draft<PersistentVolumeClaim>[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => {
    const labels = { ...metadata.labels, ...set.spec.selector.matchLabels };
    const { annotations, finalizers } = metadata;
    return {
      metadata: {
        name: setClaimName(set, metadata.name, ordinal),
        namespace: set.metadata.namespace,
        labels,
        ...(annotations === undefined ? {} : { annotations }),
        ...(finalizers === undefined ? {} : { finalizers }),
      },
      spec,
    };
  });
}

/** A claim takes the place of a volume of its name in the template. */
function volumesOf(set: StatefulSet, volumes: readonly Volume[], ordinal: number): readonly Volume[] {
  const templates = set.spec.volumeClaimTemplates ?? [];
  const claimed = templates.map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: setClaimName(set, metadata.name, ordinal) },
  }));
  return [...claimed, ...volumes.filter(({ name }) => !templates.some(({ metadata }) => metadata.name === name))];
}
