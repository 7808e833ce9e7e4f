/** Calls that a container may make only with one of these capabilities: they change the machine, or look into what is others'. (Docker's documentation, "Seccomp security profiles".) */
const WITH_CAPABILITY: readonly { readonly capabilities: readonly string[]; readonly names: readonly string[] }[] = [
  {
    capabilities: ['CAP_SYS_ADMIN'],
    names: [
      'fanotify_init', 'fsconfig', 'fsmount', 'fsopen', 'fspick', 'lookup_dcookie', 'mount', 'mount_setattr', 'move_mount', 'open_tree', 'open_tree_attr',
      'quotactl', 'quotactl_fd', 'setdomainname', 'sethostname', 'setns', 'swapoff', 'swapon', 'umount', 'umount2', 'unshare', 'pivot_root',
    ],
  },
  { capabilities: ['CAP_SYS_ADMIN', 'CAP_BPF'], names: ['bpf'] },
  { capabilities: ['CAP_SYS_ADMIN', 'CAP_PERFMON'], names: ['perf_event_open'] },
  { capabilities: ['CAP_SYS_BOOT'], names: ['reboot', 'kexec_load', 'kexec_file_load'] },
  { capabilities: ['CAP_SYS_MODULE'], names: ['create_module', 'delete_module', 'init_module', 'finit_module', 'query_module'] },
  { capabilities: ['CAP_SYS_PACCT'], names: ['acct'] },
  { capabilities: ['CAP_SYS_PTRACE'], names: ['kcmp', 'pidfd_getfd', 'process_madvise', 'process_vm_readv', 'process_vm_writev'] },
  { capabilities: ['CAP_SYS_RAWIO'], names: ['ioperm', 'iopl'] },
  { capabilities: ['CAP_SYS_TIME'], names: ['adjtimex', 'clock_adjtime', 'clock_adjtime64', 'clock_settime', 'clock_settime64', 'settimeofday', 'stime'] },
  { capabilities: ['CAP_SYS_TTY_CONFIG'], names: ['vhangup'] },
  { capabilities: ['CAP_SYS_NICE'], names: ['get_mempolicy', 'mbind', 'move_pages', 'migrate_pages', 'set_mempolicy', 'set_mempolicy_home_node'] },
  { capabilities: ['CAP_SYSLOG', 'CAP_SYS_ADMIN'], names: ['syslog'] },
  { capabilities: ['CAP_DAC_READ_SEARCH'], names: ['open_by_handle_at'] },
]; // prettier-ignore

/** Calls that no container makes: obsolete ones, keys that are not kept apart, and doors that faults of the kernel were entered through. */
const NEVER = [
  'add_key', 'keyctl', 'request_key', '_sysctl', 'afs_syscall', 'break', 'ftime', 'get_kernel_syms', 'getpmsg', 'gtty', 'idle', 'io_uring_enter',
  'io_uring_register', 'io_uring_setup', 'lock', 'mpx', 'nfsservctl', 'prof', 'profil', 'putpmsg', 'security', 'stty', 'sysfs', 'tuxcall', 'ulimit',
  'uselib', 'userfaultfd', 'ustat', 'vm86', 'vm86old', 'vserver',
] as const; // prettier-ignore

/** Flags of clone(2) that make namespaces: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = 0x7e_02_00_00;
/** Flags of personality(2) that undo the kernel's guards: ADDR_NO_RANDOMIZE, MMAP_PAGE_ZERO, READ_IMPLIES_EXEC. */
const UNGUARDED = [0x4_00_00, 0x10_00_00, 0x40_00_00];
/** Set only in 0xffffffff, which asks for the personality and changes none. */
const QUESTION = 0x80_00_00_00;
/** Sockets to the host of a virtual machine (AF_VSOCK) reach beyond the pod's network; the kernel's crypto (AF_ALG) is another old door. */
const CLOSED_FAMILIES = [40, 38];
const EPERM = 1;
const ENOSYS = 38;

type Rule = Readonly<Record<string, unknown>>;

/**
 * The `linux.seccomp` of the type RuntimeDefault, as the field's runtimes have it by effect: what changes the machine is refused unless the container has the capability for it.
 * Pure.
 */
export function defaultSeccompProfile(
  architectures: readonly string[],
  capabilities: readonly string[],
): Readonly<Record<string, unknown>> {
  const held = new Set(capabilities);
  const refused = WITH_CAPABILITY.filter((group) => !group.capabilities.some((name) => held.has(name))).flatMap(({ names }) => names);
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures,
    syscalls: [
      refuse([...NEVER, ...refused]),
      ...personalityRules(),
      ...CLOSED_FAMILIES.map((family) => refuse(['socket'], [{ index: 0, value: family, op: 'SCMP_CMP_EQ' }])),
      ...(held.has('CAP_SYS_ADMIN') ? [] : namespaceRules(architectures.includes('SCMP_ARCH_S390X') ? 1 : 0)),
    ],
  };
}

function refuse(names: readonly string[], args?: readonly Rule[], errnoRet = EPERM): Rule {
  return { names, action: 'SCMP_ACT_ERRNO', errnoRet, ...(args === undefined ? {} : { args }) };
}

/** `index`: which argument of clone has its flags. The C library falls back to clone where clone3, whose flags a filter can't see, is not there. */
function namespaceRules(index: number): readonly Rule[] {
  const flags = Array.from({ length: 32 }, (_, bit) => 2 ** bit).filter((flag) => (NEW_NAMESPACES & flag) !== 0);
  return [
    ...flags.map((flag) => refuse(['clone'], [{ index, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }])),
    refuse(['clone3'], undefined, ENOSYS),
  ];
}

function personalityRules(): readonly Rule[] {
  return UNGUARDED.map((flag) => refuse(['personality'], [{ index: 0, value: flag + QUESTION, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }]));
}
