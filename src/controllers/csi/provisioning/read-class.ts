import type { StorageClass } from '#api/generated/kubernetes.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { translateClass } from '#api/storage/in-tree/translate-class.ts';
import { md5 } from '#kit/md5.ts';
import type { ProvisioningView } from './plan.ts';

/** A class as the CSI driver reads it that took over its provisioner, and why it can't be read where that is so. Pure. */
export function readClass(storageClass: StorageClass | undefined): Pick<ProvisioningView, 'storageClass' | 'classProblem'> {
  if (storageClass === undefined) return { storageClass };
  const translated = translateClass(storageClass, md5);
  if (translated.ok) return { storageClass: translated.value };
  const provisioner = driverOfProvisioner(storageClass.provisioner) ?? storageClass.provisioner;
  return { storageClass: { ...storageClass, provisioner }, classProblem: translated.error };
}
