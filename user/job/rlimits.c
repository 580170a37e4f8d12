// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits that the kernel keeps for each process by itself (setrlimit).  They are inherited, and a
 * process without CAP_SYS_RESOURCE cannot raise them again.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "job/parts.h"
#include "lib/cleanup.h"

static const struct {
	enum sbx_limit limit;
	int resource;
	int signal; /* that tells who met the limit; 0: a call fails */
} rlimits[] = {
	{ SBX_LIMIT_CPU_TIME, RLIMIT_CPU, SIGXCPU },	{ SBX_LIMIT_ADDRESS_SPACE, RLIMIT_AS, 0 },
	{ SBX_LIMIT_FILE_SIZE, RLIMIT_FSIZE, SIGXFSZ }, { SBX_LIMIT_OPEN_FILES, RLIMIT_NOFILE, 0 },
	{ SBX_LIMIT_PROCESSES, RLIMIT_NPROC, 0 },	{ SBX_LIMIT_CORE, RLIMIT_CORE, 0 },
	{ SBX_LIMIT_STACK, RLIMIT_STACK, 0 },
};

int sbx_rlimits_apply(const struct sbx_limits *limits, enum sbx_limit *ret_failed)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(rlimits); i++) {
		__u64 value = sbx_limit_value(limits, rlimits[i].limit);
		struct rlimit rlimit = { value, value };

		if (value == SBX_LIMIT_NONE)
			continue;
		if (rlimits[i].limit == SBX_LIMIT_CPU_TIME)
			rlimit.rlim_max++; /* SIGXCPU comes first, SIGKILL to who ignores it */
		*ret_failed = rlimits[i].limit;
		if (setrlimit((__rlimit_resource_t)rlimits[i].resource, &rlimit))
			return errno;
	}
	return 0;
}

int sbx_rlimits_drop_priority(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_RTPRIO, &none) || setrlimit(RLIMIT_NICE, &none) ? errno : 0;
}

enum sbx_limit sbx_rlimit_of_signal(int sig)
{
	for (size_t i = 0; sig && i < SBX_ARRAY_SIZE(rlimits); i++) {
		if (rlimits[i].signal == sig)
			return rlimits[i].limit;
	}
	return SBX_LIMIT_MAX_;
}
