import { readFileSync } from 'node:fs';
import { AuditFile, type AuditFileOptions } from '#machinery/apiserver/access/audit/audit-file.ts';
import {
  type AuditPolicy,
  AuditPolicyInvalid,
  DEFAULT_AUDIT_POLICY,
  parseAuditPolicy,
} from '#machinery/apiserver/access/audit/audit-policy.ts';
import type { ServerConfig } from './config.ts';

const MIB = 1024 * 1024;

/** The audit log as the flags ask for it. @throws AuditPolicyInvalid */
export function openAuditLog(
  { auditPolicyFile, auditLogMaxSize, auditLogMaxBackup }: ServerConfig,
  where: Pick<AuditFileOptions, 'file' | 'clock' | 'log'>,
): AuditFile {
  const policy = auditPolicyFile === undefined ? DEFAULT_AUDIT_POLICY : readPolicy(auditPolicyFile);
  return new AuditFile({ ...where, policy, maxSizeBytes: auditLogMaxSize * MIB, maxBackups: auditLogMaxBackup });
}

function readPolicy(file: string): AuditPolicy {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new AuditPolicyInvalid(`${file} can't be read`, thrown);
  }
  return parseAuditPolicy(text);
}
