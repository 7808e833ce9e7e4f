import type { Entry } from '../../store/store.ts';

/** A page of a list. */
export interface ListPage {
  readonly entries: readonly Entry[];
  readonly revision: number;
  /** The token of the next page; absent at the end. */
  readonly continueToken?: string;
  /** How many follow; only known without selectors. */
  readonly remaining?: number;
}

/** What a watch sends. */
export type Sent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly entry: Entry }
  | {
      readonly type: 'BOOKMARK';
      readonly revision: number;
      /** True for the one that ends the initial events of a watch-list. */ readonly endsInitialEvents: boolean;
    };
