// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run within a job.  The outer job stays as it is: engine, cgroup and log are out of reach, and
 * its policy goes on holding for all that happens here.  What Landlock and a filter of system
 * calls can express of the inner policy is added; the rest is told.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

#include "job/kept.h"
#include "lib/cleanup.h"
#include "lib/file.h"

static bool has_cap(cap_value_t cap)
{
	cap_t caps = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	if (caps)
		(void)cap_get_flag(caps, cap, CAP_EFFECTIVE, &value); /* stays clear */
	(void)cap_free(caps); /* only fails for what is not its own */
	return value == CAP_SET;
}

/* ".../sbx-bpf/NAME" or a cgroup below that. */
static bool is_in_cgroup(const char *path, const char *job)
{
	char part[SBX_NAME_MAX + 16];
	const char *at;

	(void)snprintf(part, sizeof(part), "/sbx-bpf/%s", job);
	at = strstr(path, part);
	return at && (!at[strlen(part)] || at[strlen(part)] == '/' || at[strlen(part)] == '\n');
}

bool sbx_job_outer(char *buf, size_t size)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	const char *job = getenv("SBX_BPF_JOB");
	const char *path;

	/* The environment alone proves nothing: anybody can set it. */
	if (!getenv("SBX_BPF") || !job || sbx_state_check_name(job, NULL) ||
	    sbx_file_read("/proc/self/cgroup", &text, NULL))
		return false;
	path = strstr(text, "0::");
	if (!path)
		return false;
	(void)snprintf(buf, size, "%s", job);
	/* A cgroup namespace hides the name; but without this no job of its own could be made. */
	if (!strncmp(path + 3, "/\n", 2))
		return !has_cap(CAP_SYS_ADMIN);
	return is_in_cgroup(path + 3, job);
}

/* This process is the subreaper of what it started: orphans become its children. */
bool sbx_nested_kill(void)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	bool any = false;
	char *save = NULL;

	if (sbx_file_read("/proc/thread-self/children", &text, NULL))
		return false;
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		pid_t pid = (pid_t)atoi(word);

		any |= pid > 1 && !kill(pid, SIGKILL); /* not reaped: the number is its own */
	}
	return any;
}

static void add_gap(struct sbx_run *run, const char *concern, const char *what)
{
	sbx_gap_add(&run->gaps, concern, NULL, "the outer job's holds", "%s", what);
}

/* Landlock has ports of TCP, and nothing else has any. */
static void add_network_gaps(struct sbx_run *run)
{
	const __u64 both = SBX_LANDLOCK_BIND_TCP | SBX_LANDLOCK_CONNECT_TCP;
	const struct sbx_landlock *landlock = &run->landlock;
	static const char unseen[] = "Landlock does not see it";
	const char *why = landlock->abi < SBX_LANDLOCK_HAS_PORTS
				  ? "Landlock has no ports before version 4"
				  : "too many to tell them to Landlock";

	if (!landlock->abi || landlock->net_open == both) {
		add_gap(run, "network",
			"addresses, ports and domains of the families that are open");
		return;
	}
	add_gap(run, "network", "addresses, domains, and ports of all but TCP");
	if (landlock->net_open & SBX_LANDLOCK_CONNECT_TCP)
		sbx_gap_add(&run->gaps, "network", NULL, why, "ports that TCP connects to");
	if (landlock->net_open & SBX_LANDLOCK_BIND_TCP)
		sbx_gap_add(&run->gaps, "network", NULL, why, "ports that TCP is bound to");
	if (landlock->net & SBX_LANDLOCK_CONNECT_TCP)
		sbx_gap_add(&run->gaps, "network", NULL, unseen,
			    "connecting by Multipath TCP, or by fast open before Linux 7.2");
	if (landlock->net & SBX_LANDLOCK_BIND_TCP)
		sbx_gap_add(&run->gaps, "network", NULL, unseen,
			    "listening by Multipath TCP, or on a port that the kernel chooses");
}

void sbx_nested_gaps(struct sbx_run *run)
{
	const struct sbx_policy *policy = run->options->policy;

	add_network_gaps(run);
	/* Those of single processes, from CPU_TIME on, are the kernel's business; so is time. */
	for (enum sbx_limit limit = 0; limit < SBX_LIMIT_CPU_TIME; limit++) {
		if (limit == SBX_LIMIT_WALL_TIME ||
		    sbx_limit_value(&policy->limits, limit) == SBX_LIMIT_NONE)
			continue;
		add_gap(run, "limits", sbx_limit_name(limit));
		run->outcome.lost_limits |= 1u << limit;
	}
	if (sbx_policy_namespaces(policy))
		add_gap(run, "namespaces", "namespaces, private directories and roots");
	if (policy->n_programs)
		add_gap(run, "exec", "programs that are pinned by their digest");
	add_gap(run, "log", "a log of its own");
}
