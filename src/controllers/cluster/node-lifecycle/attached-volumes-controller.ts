import type { AttachedVolume, Node, PersistentVolume, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { nodes, persistentVolumes, volumeAttachments } from '#api/resources.ts';
import { deepEqual } from '#kit/json.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { ATTACHMENT_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { uniqueVolumeName } from '#api/storage/attachment.ts';

interface Parts {
  readonly attachments: Informer<VolumeAttachment>;
  readonly volumes: Informer<PersistentVolume>;
}

const CONCURRENCY = 4;

/** Says in each node's status which volumes are attached to it (kube-controller-manager's attach/detach controller, `status.volumesAttached`). */
export function createAttachedVolumesController({ informers }: { readonly informers: InformerFactory }): Controller<Node> {
  const parts: Parts = {
    attachments: informers.for(volumeAttachments, ATTACHMENT_INDEXES),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
  };
  const informer = informers.for(nodes);
  return {
    name: 'attached-volumes',
    resource: nodes,
    informer,
    triggers: [
      trigger(parts.attachments, ({ spec, status }, previous) =>
        previous !== undefined && previous.status?.attached === status?.attached ? [] : [spec.nodeName],
      ),
    ],
    reads: [parts.volumes],
    concurrency: CONCURRENCY,
    reconcile: (ctx, node) => reconcileAttached(ctx, parts, node),
  };
}

async function reconcileAttached(ctx: Ctx, parts: Parts, node: Node): Promise<Outcome> {
  const volumesAttached = parts.attachments
    .byIndex('node', node.metadata.name)
    .filter(({ status }) => status?.attached === true)
    .flatMap((attachment) => attachedVolume(parts.volumes, attachment))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (deepEqual(volumesAttached, node.status?.volumesAttached ?? [])) return done;
  const body = { metadata: { resourceVersion: node.metadata.resourceVersion }, status: { volumesAttached } };
  await ctx.client.patch(nodes, { key: keyOf(node), patch: { type: 'merge', body } }, { subresource: 'status' });
  return done;
}

function attachedVolume(volumes: Informer<PersistentVolume>, { spec }: VolumeAttachment): readonly AttachedVolume[] {
  const csi = volumes.get({ namespace: '', name: spec.source.persistentVolumeName ?? '' })?.spec.csi;
  return csi === undefined ? [] : [{ name: uniqueVolumeName(csi), devicePath: '' }];
}
