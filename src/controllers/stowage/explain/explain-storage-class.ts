import { type Explanation, type Finding, words } from '#api/explanation.ts';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import { isDefaultClass } from '#api/storage/default-class.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { DELETION_GRACE, deletionGraceMsOf } from '#api/undelete/deletion-grace.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { listed } from '#kit/listed.ts';
import type { Cluster } from './cluster.ts';
import { warningsAbout } from './explanation.ts';
import { blocked, fine } from './states.ts';
import { explainUnseen } from './unseen.ts';

/** Claims that are named; of more only the number is told. */
const MAX_NAMES = 10;

/** What the class can do now: its driver, its room, who waits for it. Pure. */
export function explainStorageClass(name: string, cluster: Cluster): Explanation {
  const object = `storageclass ${name}`;
  const unseen = explainUnseen(object, cluster, ['storageclasses', 'csinodes']);
  if (unseen !== undefined) return unseen;
  const storageClass = cluster.classes.named(name);
  if (storageClass === undefined) {
    const names = listed(cluster.classes.names());
    return blocked(words('notThere', { object }), [{ subject: object, words: words('missingThereAre', { names }) }], []);
  }
  const findings = [
    { subject: 'default class', words: words(isDefaultClass(storageClass) ? 'isDefault' : 'isNotDefault') },
    ...graceFindings(storageClass),
    ...roomFindings(name, cluster),
    { subject: 'claims', words: waitingWords(name, cluster) },
    ...warningsAbout(cluster, storageClass),
  ];
  const driver = driverOfProvisioner(storageClass.provisioner);
  if (driver === undefined) return fine(words('classByHand', { object }), findings);
  if (cluster.drivers.has(driver)) return fine(words('classWorks', { object, driver }), findings);
  return blocked(words('classWithoutDriver', { object, driver }), findings, [words('startThatDriver', { driver })]);
}

function graceFindings(storageClass: StorageClass): readonly Finding[] {
  const grace = storageClass.metadata.annotations?.[DELETION_GRACE];
  if (grace === undefined) return [];
  const isTime = deletionGraceMsOf(storageClass) !== undefined;
  return [{ subject: 'deletion grace', words: words(isTime ? 'keepsDeleted' : 'keepsNoDeleted', { grace }) }];
}

function roomFindings(className: string, { capacities }: Cluster): readonly Finding[] {
  return capacities.byIndex('class', className).map(({ capacity, nodeTopology }) => {
    const place = Object.values(nodeTopology?.matchLabels ?? {}).join(', ');
    return { subject: place === '' ? 'capacity' : `capacity of ${place}`, words: words('roomIs', { free: capacity ?? '0' }) };
  });
}

function waitingWords(className: string, { claims }: Cluster): Finding['words'] {
  const count = claims.countByIndex('waitingClass', className);
  if (count === 0) return words('noneWaits');
  const names = claims.byIndex('waitingClass', className, MAX_NAMES).map((claim) => formatKey(keyOf(claim)));
  return words('waiting', { count: String(count), names: names.join(', ') + (count > MAX_NAMES ? ', …' : '') });
}
