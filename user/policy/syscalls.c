// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of system calls: those of libseccomp, and newer ones that Debian 12's does not know yet.
 * A profile that left those out would be open exactly where kernels are newer than the library.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <seccomp.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/syscalls.h"

/* From 424 on all architectures share their numbers. */
static const struct {
	const char *name;
	int number;
} newer[] = {
	{ "set_mempolicy_home_node", 450 },
	{ "cachestat", 451 },
	{ "fchmodat2", 452 },
	{ "map_shadow_stack", 453 },
	{ "futex_wake", 454 },
	{ "futex_wait", 455 },
	{ "futex_requeue", 456 },
	{ "statmount", 457 },
	{ "listmount", 458 },
	{ "lsm_get_self_attr", 459 },
	{ "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 },
	{ "mseal", 462 },
	{ "setxattrat", 463 },
	{ "getxattrat", 464 },
	{ "listxattrat", 465 },
	{ "removexattrat", 466 },
	{ "open_tree_attr", 467 },
	{ "file_getattr", 468 },
	{ "file_setattr", 469 },
};

#define ERRNO_MAX 133 /* EHWPOISON, the last one */

int sbx_syscall_from_str(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number >= 0)
		return number;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(newer); i++) {
		if (!strcmp(newer[i].name, name))
			return newer[i].number;
	}
	return -ENOENT; /* negative ones are calls of other architectures */
}

char *sbx_syscall_to_str(int number)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	for (size_t i = 0; !name && i < SBX_ARRAY_SIZE(newer); i++) {
		if (newer[i].number == number)
			return strdup(newer[i].name);
	}
	return name;
}

int sbx_errno_from_str(const char *name)
{
	for (int error = 1; error <= ERRNO_MAX; error++) {
		const char *known = strerrorname_np(error);

		if (known && !strcmp(known, name))
			return error;
	}
	return -ENOENT;
}

char *sbx_syscall_of_arch(unsigned int arch, int number)
{
	return arch == seccomp_arch_native() ? sbx_syscall_to_str(number)
					     : seccomp_syscall_resolve_num_arch(arch, number);
}
