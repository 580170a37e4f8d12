// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which system call a process died of by its filter (process.seccomp: kill).  Nobody is told but
 * the kernel's own audit log; the signal, however, carries the number.
 */
#include "subject.bpf.h"

#define SIGSYS 31
#define SYS_SECCOMP 1	  /* si_code */
#define SEND_SIG_LAST 1ul /* up to here, "pointers" that say who sends and lead nowhere */

struct kernel_siginfo {
	int si_code;
	union {
		struct {
			int _syscall;
			unsigned int _arch;
		} _sigsys;
	} _sifields;
} CORE;

SEC("tp_btf/signal_generate")
int BPF_PROG(sbx_sigsys, int sig, struct kernel_siginfo *info)
{
	struct sbx_job_state *state;
	__u64 job;

	if (sig != SIGSYS || (unsigned long)info <= SEND_SIG_LAST ||
	    BPF_CORE_READ(info, si_code) != SYS_SECCOMP)
		return 0;
	job = sbx_current_cgroup_job();
	state = bpf_map_lookup_elem(&sbx_job_state, &job);
	if (!state)
		return 0;
	state->sigsys_call = BPF_CORE_READ(info, _sifields._sigsys._syscall);
	state->sigsys_arch = BPF_CORE_READ(info, _sifields._sigsys._arch);
	state->sigsys_pid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
