import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { computeStatus } from './pod-status.ts';
import type { StatusInput } from './observed-pod.ts';

/** Writes the pod's status where it differs from what the API has. @throws ApiError `Aborted` when another writer was faster */
export async function patchStatus(client: Client, input: StatusInput): Promise<void> {
  const status: unknown = JSON.parse(JSON.stringify(computeStatus(input)));
  if (deepEqual(status, input.pod.status)) return;
  const { uid, resourceVersion } = input.pod.metadata;
  // why both: the uid keeps a pod of the same name safe, the version keeps conditions that others added meanwhile (lists are replaced as a whole)
  const body = { metadata: { uid, resourceVersion }, status };
  await client.patch(pods, { key: keyOf(input.pod), patch: { type: 'merge', body } }, { subresource: 'status' });
}
