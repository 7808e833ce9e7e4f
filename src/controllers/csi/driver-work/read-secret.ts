import { Buffer } from 'node:buffer';
import { secrets } from '#api/resources.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import type { Client } from '#machinery/client/client.ts';

/** The entries of a secret as text, as CSI messages carry them; never to be logged. */
export type Secrets = Readonly<Record<string, string>>;

/** @throws ApiError `NotFound` */
export async function readSecret(client: Client, key: ObjectKey): Promise<Secrets> {
  const { data = {} } = await client.get(secrets, key);
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString('utf8')]));
}
