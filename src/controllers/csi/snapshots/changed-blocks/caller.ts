import type { ObjectKey } from '#api/meta/object.ts';

/** Whom tokens have to be for that are shown to the service of changed blocks. */
export const BLOCKS_AUDIENCE = 'snapshot-metadata.stowage.dev';

/** Somebody whom the API knows. */
export interface Caller {
  readonly name: string;
  /** True where it allows him to read that VolumeSnapshot. */
  mayRead(snapshot: ObjectKey): boolean;
}

/** Who shows a token; undefined where nobody knows it, or it is not for {@link BLOCKS_AUDIENCE}. @throws where that can't be found out */
export type WhoIs = (token: string) => Promise<Caller | undefined>;
