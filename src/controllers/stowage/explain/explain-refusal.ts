import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type Explanation, said, words } from '#api/explanation.ts';
import { attributesClassOf, classOfClaim, cloneSourceKeyOf } from '#api/storage/claim.ts';
import { listed } from '#kit/listed.ts';
import { orderVolume, type Refusal } from '../../csi/provisioning/order.ts';
import { type OrderObjects, viewOrder } from '../../csi/provisioning/order-view.ts';
import type { Cluster } from './cluster.ts';
import { blocked } from './states.ts';

/** Why provisioning asks no driver for the volume, as it decides itself (provisioning/order.ts); undefined where it does. Pure. */
export function explainRefusal(claim: PersistentVolumeClaim, cluster: Cluster, driver: string): Explanation | undefined {
  const { storageClass, ...view } = viewOrder(claim, objectsOf(cluster));
  const order = storageClass === undefined ? undefined : orderVolume(claim, storageClass, view);
  if (order === undefined || order.ok) return undefined;
  const { about, problem } = order.error;
  const subject = subjectOf(about, claim);
  if (about !== 'attributesClass')
    return blocked(words('notAskedFor', { driver }), [{ subject, words: said(problem) }], [words('mendRefusal')]);
  const names = listed(cluster.attributesClasses.names());
  const finding = view.attributesClass === undefined ? words('missingThereAre', { names }) : said(problem);
  return blocked(words('attributesClassUnusable'), [{ subject, words: finding }], [words('createThatClass')]);
}

function objectsOf({ classes, attributesClasses, claims, volumes }: Cluster): OrderObjects {
  return {
    classNamed: (name) => classes.named(name),
    attributesClassNamed: (name) => attributesClasses.named(name),
    claimAt: (key) => claims.get(key),
    volumeNamed: (name) => volumes.named(name),
  };
}

/** The object that has to change. */
function subjectOf(about: Refusal['about'], claim: PersistentVolumeClaim): string {
  const subjects: Readonly<Record<Refusal['about'], string>> = {
    claim: `persistentvolumeclaim ${claim.metadata.name}`,
    class: `storageclass ${classOfClaim(claim)}`,
    attributesClass: `volumeattributesclass ${attributesClassOf(claim.spec)}`,
    source: `persistentvolumeclaim ${cloneSourceKeyOf(claim)?.name ?? ''}`,
  };
  return subjects[about];
}
