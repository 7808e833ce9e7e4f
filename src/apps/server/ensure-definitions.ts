import { createHash } from 'node:crypto';
import { DEFINITION_DIGEST, isBroughtByStowage } from '#api/definitions/brought-definition.ts';
import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { planStatus } from '#controllers/cluster/custom-resources/plan.ts';
import { type Clock, formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Client } from '#machinery/client/client.ts';

/** Definitions that are made at a time: all at once take no less time, and much more memory. */
const AT_A_TIME = 4;
/** Characters of a SHA-256 that are enough to tell versions apart. */
const DIGEST_LENGTH = 16;

/**
 * Makes the definitions that modules bring where they are missing, and replaces the spec of those of another version of Stowage.
 * What somebody else made stays as it is, and so does one that is annotated `stowage.dev/autoupdate: "false"`. They are served when this resolves.
 */
export async function ensureDefinitions(
  client: Client,
  { definitions, clock }: { readonly definitions: readonly Draft<CustomResourceDefinition>[]; readonly clock: Clock },
): Promise<void> {
  const known = (await client.list(customResourceDefinitions)).items;
  const byName = new Map(known.map((definition) => [definition.metadata.name, definition]));
  const now = formatTime(clock.nowMs());
  const limiter = new Limiter(AT_A_TIME);
  await Promise.all(
    definitions.map((draft) =>
      limiter.run(async () => {
        const wanted = withDigest(draft);
        const found = byName.get(wanted.metadata.name ?? '');
        if (found === undefined) await create(client, wanted, { others: known, now });
        else if (isOutdated(found, wanted)) await replace(client, found, wanted);
      }),
    ),
  );
}

function withDigest(draft: Draft<CustomResourceDefinition>): Draft<CustomResourceDefinition> {
  const digest = createHash('sha256').update(JSON.stringify(draft.spec)).digest('hex').slice(0, DIGEST_LENGTH);
  return { ...draft, metadata: { ...draft.metadata, annotations: { ...draft.metadata.annotations, [DEFINITION_DIGEST]: digest } } };
}

function isOutdated({ metadata }: CustomResourceDefinition, wanted: Draft<CustomResourceDefinition>): boolean {
  return isBroughtByStowage(metadata) && metadata.annotations?.[DEFINITION_DIGEST] !== wanted.metadata.annotations?.[DEFINITION_DIGEST];
}

/** Made and accepted at once: the controller that accepts definitions is not at work yet, and the first user may need the kind. */
async function create(
  client: Client,
  wanted: Draft<CustomResourceDefinition>,
  input: { readonly others: readonly CustomResourceDefinition[]; readonly now: string },
): Promise<void> {
  try {
    const made = await client.create(customResourceDefinitions, wanted);
    await client.update(customResourceDefinitions, { ...made, status: planStatus(made, input) }, { subresource: 'status' });
  } catch (thrown) {
    // why: somebody else made it in the meantime, or changed it, which is as good
    if (!hasCode(thrown, 'AlreadyExists', 'Aborted')) throw thrown;
  }
}

async function replace(client: Client, found: CustomResourceDefinition, wanted: Draft<CustomResourceDefinition>): Promise<void> {
  const annotations = { ...found.metadata.annotations, ...wanted.metadata.annotations };
  await client.update(customResourceDefinitions, { ...found, metadata: { ...found.metadata, annotations }, spec: wanted.spec });
}
