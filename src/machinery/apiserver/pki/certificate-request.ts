/** What a certificate says. */
export interface CertificateRequest {
  /** Distinguished name, for example `CN=stowage-admin, O=system:masters`. */
  readonly subject: string;
  /** Unix epoch, milliseconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Hexadecimal, positive. */
  readonly serial: string;
  readonly use: 'ca' | 'server' | 'client';
  /** Host names and addresses of a server certificate. */
  readonly hosts?: readonly string[];
}
