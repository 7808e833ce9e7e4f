import { hasCode, PlatformError } from '#kit/errors.ts';

/** What an API without packages answers, in words; anything else as it is. */
export function packagesAbsent(thrown: unknown): unknown {
  if (!hasCode(thrown, 'NotFound') || !thrown.message.includes('could not find the requested resource')) return thrown;
  const message = 'this API has no packages of plugins: they are of the platform that `stowage up` starts';
  return new PlatformError({ code: 'NotFound', reason: 'NotFound', message, cause: thrown });
}
