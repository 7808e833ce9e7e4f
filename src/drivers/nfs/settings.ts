/** What becomes of the directory of a volume that is deleted. */
export type OnDelete = 'delete' | 'retain' | 'archive';

/** What all volumes of the driver have in common; it may change while the driver works. */
export interface NfsSettings {
  /** Given to every mount, before those of the class. */
  readonly mountOptions: readonly string[];
  /** How long a mount may take, seconds. */
  readonly mountTimeoutSec: number;
  /** Octal; 0 = as the server makes it. For classes that say nothing of it. */
  readonly mountPermissions: string;
  /** For classes that say nothing of it. */
  readonly onDelete: OnDelete;
}
