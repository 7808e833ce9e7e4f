import { type Explanation, type Finding, words } from '#api/explanation.ts';
import { classOfClaim } from '#api/storage/claim.ts';
import { isDefaultClass } from '#api/storage/default-class.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { listed } from '#kit/listed.ts';
import { driversOn } from './explain-class.ts';
import { type Cluster, warningsAbout } from './explanation.ts';
import { blocked, fine } from './states.ts';
import { explainUnseen } from './unseen.ts';

/** Claims that are named; of more only the number is told. */
const MAX_NAMES = 10;

/** What the class can do now: its driver, its room, who waits for it. Pure. */
export function explainStorageClass(name: string, cluster: Cluster): Explanation {
  const object = `storageclass ${name}`;
  const unseen = explainUnseen(object, cluster, ['storageclasses', 'csinodes']);
  if (unseen !== undefined) return unseen;
  const storageClass = cluster.classes.find(({ metadata }) => metadata.name === name);
  if (storageClass === undefined) {
    const names = listed(cluster.classes.map(({ metadata }) => metadata.name));
    return blocked(words('notThere', { object }), [{ subject: object, words: words('missingThereAre', { names }) }], []);
  }
  const findings = [
    { subject: 'default class', words: words(isDefaultClass(storageClass) ? 'isDefault' : 'isNotDefault') },
    ...roomFindings(name, cluster),
    { subject: 'claims', words: waitingWords(name, cluster) },
    ...warningsAbout(cluster, storageClass),
  ];
  const driver = driverOfProvisioner(storageClass.provisioner);
  if (driver === undefined) return fine(words('classByHand', { object }), findings);
  if (driversOn(cluster.csiNodes).includes(driver)) return fine(words('classWorks', { object, driver }), findings);
  return blocked(words('classWithoutDriver', { object, driver }), findings, [words('startThatDriver', { driver })]);
}

function roomFindings(className: string, { capacities }: Cluster): readonly Finding[] {
  const own = capacities.filter(({ storageClassName }) => storageClassName === className);
  return own.map(({ capacity, nodeTopology }) => {
    const place = Object.values(nodeTopology?.matchLabels ?? {}).join(', ');
    return { subject: place === '' ? 'capacity' : `capacity of ${place}`, words: words('roomIs', { free: capacity ?? '0' }) };
  });
}

function waitingWords(className: string, { claims }: Cluster): Finding['words'] {
  const waiting = claims.filter((claim) => classOfClaim(claim) === className && (claim.status?.phase ?? 'Pending') === 'Pending');
  if (waiting.length === 0) return words('noneWaits');
  const names = waiting.slice(0, MAX_NAMES).map((claim) => formatKey(keyOf(claim)));
  const more = waiting.length > MAX_NAMES ? ', …' : '';
  return words('waiting', { count: String(waiting.length), names: names.join(', ') + more });
}
