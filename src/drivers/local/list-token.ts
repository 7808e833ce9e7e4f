import { PlatformError } from '#kit/errors.ts';

/** ListVolumes was asked to go on from something that is no token of ours; the caller starts over (CSI 1.13 "ListVolumes Errors"). */
export class InvalidListToken extends PlatformError {
  constructor(token: string) {
    super({
      code: 'Aborted',
      reason: 'InvalidListToken',
      message: `starting_token ${JSON.stringify(token)} is not one of this driver; list again without it`,
    });
  }
}

const PREFIX = 'after:';

/** The token that continues behind a volume. */
export function formatListToken(volumeId: string): string {
  return `${PREFIX}${volumeId}`;
}

/** The id to continue behind; undefined for the start. @throws InvalidListToken */
export function parseListToken(token: string): string | undefined {
  if (token === '') return undefined;
  if (!token.startsWith(PREFIX)) throw new InvalidListToken(token);
  return token.slice(PREFIX.length);
}
