/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls by name, for this machine's own architecture. */
#ifndef SBX_SYSCALLS_H
#define SBX_SYSCALLS_H

/* Its number, or -ENOENT: not a call of this architecture, or newer than this build. */
int sbx_syscall_from_str(const char *name);

/* Its name, the caller's; NULL: no name is known, or no memory. */
char *sbx_syscall_to_str(int number);
/* The same for the machine that an AUDIT_ARCH_* stands for: a 32-bit program's calls. */
char *sbx_syscall_of_arch(unsigned int arch, int number);

#define SBX_SYSCALLS_MAX 512 /* numbers to ask for names: the highest in use is below */

/* "EPERM" -> its number; -ENOENT: no such error. */
int sbx_errno_from_str(const char *name);

#endif /* SBX_SYSCALLS_H */
