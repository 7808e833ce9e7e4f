import { describe, expect, it } from 'vitest';
import { stored } from '#testing/builders/metadata.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { planAttachment } from './plan.ts';
import { type AttachmentOrder, type AttachWork, requestAttach, requestDetach } from './publish-volume.ts';

const attachment = stored(
  { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment' },
  { metadata: { name: 'a' }, spec: { attacher: 'd', nodeName: 'node-1', source: { persistentVolumeName: 'pv-1' } } },
);
const volume = aStoredVolume({ spec: { csi: { driver: 'd', volumeHandle: 'h', readOnly: true }, hostPath: undefined } });
const attempt = { key: 'a', uid: attachment.metadata.uid, wish: 'attach one' };
const order: AttachmentOrder = { attachment, volume, nodeId: 'one', driverName: 'd', attempt };
const all: AttachWork['capabilities'] = { canPublish: true, canPublishReadOnly: true, hasSingleNodeMultiWriter: false };

describe('VOL-8: requestAttach', () => {
  it.each([true, false])('asks for a read-only volume where the driver can (%s)', (canPublishReadOnly) => {
    expect(requestAttach(order, { ...all, canPublishReadOnly })).toMatchObject({
      kind: 'send',
      message: { volumeId: 'h', nodeId: 'one', readonly: canPublishReadOnly },
    });
  });

  it('has nothing to ask of a driver that attaches nothing', () => {
    expect(requestAttach(order, { ...all, canPublish: false })).toEqual({ kind: 'answered', answer: {} });
  });

  it('refuses a node that the driver does not know', () => {
    expect(requestAttach({ ...order, nodeId: undefined }, all)).toMatchObject({
      kind: 'refused',
      error: { code: 'Unavailable', message: 'CSINode node-1 does not contain driver d: start the driver on that node' },
    });
  });
});

describe('VOL-8: requestDetach', () => {
  it.each([
    { name: 'attached volumes', nodeId: 'one', canPublish: true, kind: 'send' },
    { name: 'nothing on a node that the driver does not know', nodeId: undefined, canPublish: true, kind: 'answered' },
    { name: 'nothing of a driver that attaches nothing', nodeId: 'one', canPublish: false, kind: 'answered' },
  ])('asks for $name', ({ nodeId, canPublish, kind }) => {
    expect(requestDetach({ ...order, nodeId }, { ...all, canPublish }).kind).toBe(kind);
  });
});

describe('planAttachment', () => {
  const finalizers = ['external-attacher/d'];
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  it.each([
    { name: 'attaches what is not attached', metadata: {}, status: { attached: false }, kind: 'attach' },
    { name: 'leaves what is attached', metadata: {}, status: { attached: true }, kind: 'leave' },
    { name: 'detaches what goes', metadata: { deletionTimestamp, finalizers }, status: { attached: true }, kind: 'detach' },
    { name: 'leaves what goes and was let go of', metadata: { deletionTimestamp }, status: { attached: false }, kind: 'leave' },
  ])('$name', ({ metadata, status, kind }) => {
    const of = { ...attachment, metadata: { ...attachment.metadata, ...metadata }, status };
    expect(planAttachment(of, { volume, csiNode: undefined }).kind).toBe(kind);
  });

  it('knows no volume that is of no CSI driver, and the node by the name that the driver gave it', () => {
    const csiNode = stored(
      { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode' },
      { metadata: { name: 'node-1' }, spec: { drivers: [{ name: 'd', nodeID: 'one' }] } },
    );
    expect(planAttachment(attachment, { volume: aStoredVolume(), csiNode })).toEqual({ kind: 'attach', volume: undefined, nodeId: 'one' });
  });
});
