import { PlatformError } from './errors.ts';

/** A word, flag, variable or file entry can't be used; the message says which and what is allowed. */
export class ConfigInvalid extends PlatformError {
  constructor(where: string, problem: string) {
    super({ code: 'InvalidArgument', reason: 'ConfigInvalid', message: `${where}: ${problem}` });
  }
}
