import { hasCode } from '#kit/errors.ts';
import { isFinal } from '../driver-work/driver-answers.ts';
import { AnswerUnusable, ProvisioningFailed } from './errors.ts';

/**
 * What is known of the volume of a claim that has none yet. `unasked`: no driver was asked for it. `failed`: each call ended with the driver's
 * last word that it failed. `unknown`: the driver may be at work on it, or was never heard.
 */
export type Knowledge = 'unasked' | 'failed' | 'unknown';

/** What a failed CreateVolume tells of the volume. Pure. */
function knowledgeFrom(thrown: unknown): Knowledge {
  if (thrown instanceof ProvisioningFailed) return thrown instanceof AnswerUnusable ? 'unknown' : 'unasked';
  // why AlreadyExists: then there is a volume of that name, made from another request, and it must not be forgotten
  return isFinal(thrown) && !hasCode(thrown, 'AlreadyExists') ? 'failed' : 'unknown';
}

/** Codes that a driver also answers where the volume exists: something broke inside, or it does not let us in. The others refuse a volume that can't be. */
const UNCLEAR = ['Internal', 'Unknown', 'DataLoss', 'PermissionDenied', 'Unauthenticated'] as const;

/**
 * True where the answer `thrown` to the search for a volume by its name says that there is none. An unclear one is believed only
 * of a driver that has always answered: then nothing is there by upstream's rule, and a claim must not stay for ever because its driver is broken. Pure.
 */
export function isNothingThere(thrown: unknown, known: Knowledge): boolean {
  if (knowledgeFrom(thrown) !== 'failed') return false;
  return !hasCode(thrown, ...UNCLEAR) || known === 'failed';
}

/**
 * What all calls for each claim together say, as far as this process made all of them. Lost with the process: then of every claim nothing is
 * known, and its volume is looked for. Memory is bounded by the claims that failed and still exist.
 */
export class CallHistory {
  readonly #known = new Map<string, Knowledge>();

  /** The claim has just been marked as in flight, before this process's eyes: nobody was asked before. */
  begin(claimUid: string): void {
    this.#known.set(claimUid, 'unasked');
  }

  /** Notes a call that is about to be made; `end` takes it back where nothing came of it. Answers what was known before. */
  call(claimUid: string): Knowledge {
    const before = this.of(claimUid);
    this.#known.delete(claimUid);
    return before;
  }

  /** Notes how a call ended that failed. */
  end(claimUid: string, { before, thrown }: { readonly before: Knowledge; readonly thrown: unknown }): void {
    const worst = worse(before, knowledgeFrom(thrown));
    if (worst !== 'unknown') this.#known.set(claimUid, worst);
  }

  of(claimUid: string): Knowledge {
    return this.#known.get(claimUid) ?? 'unknown';
  }

  forget(claimUid: string): void {
    this.#known.delete(claimUid);
  }
}

function worse(a: Knowledge, b: Knowledge): Knowledge {
  if (a === 'unknown' || b === 'unknown') return 'unknown';
  return a === 'failed' ? a : b;
}
