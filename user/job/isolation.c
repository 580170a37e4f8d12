// SPDX-License-Identifier: GPL-2.0-only
/*
 * What enforces which concern of a job, and what nothing does.  Where the engine judges paths that
 * is the engine.  Otherwise (`require: best-effort`) Landlock stands in for files and programs, a
 * filter of system calls for those guards that are calls, and the rest is listed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "job/kept.h"
#include "lib/cleanup.h"

/* How guards fare without hooks of their own; a filter's rows speak for the ones that are not here.
 */
static const struct {
	enum sbx_guard guard;
	int abi; /* of Landlock, which enforces it; 0: the filter, the cgroup's programs, or nothing
		  */
	const char *open; /* what stays open even so; NULL: nothing */
} stand_ins[] = {
	{ SBX_GUARD_PTRACE, 1, NULL },
	{ SBX_GUARD_PROC_MEM, 1, NULL },
	{ SBX_GUARD_CGROUP, 1, NULL },
	{ SBX_GUARD_RAW_DEVICE, 1, NULL },
	{ SBX_GUARD_SIGNAL_OUTSIDE, 6, "limits and scheduling of processes outside" },
	{ SBX_GUARD_MODULE, 0, "the kernel's own requests for a module" },
	{ SBX_GUARD_KERNEL_CONTROL, 1, "network settings by netlink and ioctl, whole filesystems" },
	{ SBX_GUARD_FILELESS_EXEC, 0, "files that were deleted, or never had a name" },
	{ SBX_GUARD_EXEC_TAMPER, 1, "pinned programs that rules let the job write" },
	{ SBX_GUARD_SELF_PROTECT, 6, "limits and scheduling of the launcher" },
	{ SBX_GUARD_CAPABILITY, 0, "privileges that mean something else in each call" },
	{ SBX_GUARD_ANON_EXEC, 0, "stacks and heaps that are executable from the start" },
	{ SBX_GUARD_IPC_OUTSIDE, 0, "System V objects by their numbers" },
};

static void gap_of_guard(struct sbx_run *run, enum sbx_guard guard, const char *what,
			 const char *why)
{
	const struct sbx_policy *policy = run->options->policy;

	sbx_gap_add(&run->gaps, "guards", &policy->guard_places[guard], why, "%s: %s: %s",
		    sbx_guard_to_str(guard), sbx_action_to_str(policy->guards[guard]), what);
}

static void look_at_guard(struct sbx_run *run, enum sbx_guard guard)
{
	__u8 action = run->options->policy->guards[guard];
	bool filtered = sbx_seccomp_has_guard(guard);
	bool held = filtered;
	const char *open = NULL;

	if (action == SBX_ACTION_LOG)
		gap_of_guard(run, guard, "attempts", "pass, but are not logged");
	if (action < SBX_ACTION_DENY)
		return;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(stand_ins); i++) {
		if (stand_ins[i].guard != guard)
			continue;
		held |= stand_ins[i].abi && stand_ins[i].abi <= run->landlock.abi;
		open = stand_ins[i].open;
	}
	if (!held)
		gap_of_guard(run, guard, sbx_guard_meaning(guard), "nothing stands in for it");
	else if (open)
		gap_of_guard(run, guard, open, "not seen by what stands in");
	if (held && action == SBX_ACTION_QUARANTINE)
		gap_of_guard(run, guard, "quarantine", filtered ? "kills instead" : "refuses only");
	else if (held && action == SBX_ACTION_KILL && !filtered)
		gap_of_guard(run, guard, "kill", "refuses only");
}

static void look_at_guards(struct sbx_run *run)
{
	for (unsigned int guard = 1; guard < SBX_GUARD_MAX_; guard++)
		look_at_guard(run, (enum sbx_guard)guard);
}

static void look_at_rest(struct sbx_run *run)
{
	struct sbx_gaps *gaps = &run->gaps;

	sbx_gap_add(gaps, "network", NULL, "the cgroup's programs do not see it",
		    "listening on a port that was not bound, sockets passed on from outside");
	sbx_gap_add(gaps, "log", NULL, "they make no events",
		    "refusals by Landlock and by the filter of system calls");
	if (run->options->policy->limits.violations != SBX_LIMIT_NONE)
		sbx_gap_add(gaps, "limits", NULL, "only refused addresses are counted",
			    "violations");
	if (run->options->policy->limits.disk_write != SBX_LIMIT_NONE)
		sbx_gap_add(gaps, "limits", NULL, "nothing sees writes", "disk_write");
}

/* Landlock alone, or behind programs that can miss a call. */
static int plan_landlock(struct sbx_run *run, bool second, struct sbx_error *err)
{
	const struct sbx_run_options *options = run->options;
	int abi = sbx_landlock_abi();
	int r;

	if (options->policy->mode == SBX_MODE_AUDIT) {
		sbx_gap_add(&run->gaps, "files", NULL, "Landlock cannot watch without refusing",
			    "mode audit");
		return 0;
	}
	if (abi < 0 && second)
		return 0;
	if (abi < 0)
		return sbx_fail(err, ENOTSUP, "boot with `landlock` in the lsm= kernel parameter",
				"best effort needs Landlock for files, and this kernel has none");
	r = options->outer ? sbx_landlock_canary_nested(abi, err) : sbx_landlock_canary(abi, err);
	if (r)
		return r;
	r = sbx_landlock_plan(options->policy, options->compiled, abi, second, &run->landlock,
			      &run->gaps);
	/* Elsewhere the cgroup's programs judge addresses, and log: Landlock would refuse first. */
	if (!r && options->outer)
		r = sbx_landlock_plan_ports(options->compiled, &run->landlock);
	return r ? sbx_fail(err, -r, NULL, "no memory for Landlock's rules") : 0;
}

/*
 * Programs on functions can miss a call where the kernel preempts itself, which best effort puts
 * up with; Landlock catches it.  But it always refuses mounts, and ptrace of what is outside, the
 * launcher among it; what is in an image cannot be seen from here; and to Landlock the commands of
 * a kept job are strangers.
 */
static bool needs_second(const struct sbx_run *run, enum sbx_mechanism how)
{
	const struct sbx_policy *policy = run->options->policy;

	return how == SBX_MECHANISM_FMOD_RET && policy->best_effort && !policy->root.path &&
	       !run->options->keep && policy->guards[SBX_GUARD_SELF_PROTECT] >= SBX_ACTION_DENY &&
	       policy->guards[SBX_GUARD_MOUNT] >= SBX_ACTION_DENY &&
	       policy->guards[SBX_GUARD_PTRACE] >= SBX_ACTION_DENY;
}

static enum sbx_mechanism mechanism_of(const struct sbx_run *run)
{
	return run->engine ? sbx_engine_mechanism(run->engine) : SBX_MECHANISM_ANY_;
}

static void warn(const struct sbx_run *run)
{
	const char *outer = run->options->outer;
	char text[256];

	if (outer)
		(void)snprintf(
			text, sizeof(text),
			"nested: job \"%s\" goes on as it is, and this policy adds to it: %s",
			outer,
			run->landlock.net   ? "files and ports of TCP by Landlock, calls by seccomp"
			: run->landlock.abi ? "files by Landlock, calls by seccomp"
					    : "nothing");
	else
		(void)snprintf(text, sizeof(text), "best effort: addresses by cgroup programs%s",
			       run->landlock.abi ? ", files by Landlock, calls by seccomp" : "");
	sbx_gaps_warn(&run->gaps, text);
}

int sbx_isolation_plan(struct sbx_run *run, struct sbx_error *err)
{
	const struct sbx_policy *policy = run->options->policy;
	enum sbx_mechanism how = mechanism_of(run);
	bool paths = sbx_mechanism_judges_paths(how);
	bool second = needs_second(run, how);
	int r = sbx_seccomp_build(policy, run->options->compiled, paths, &run->filter, err);

	if (!r && (!paths || second))
		r = plan_landlock(run, second, err);
	if (r)
		return r;
	if (second)
		sbx_gaps_free(&run->gaps); /* the first line has no such gaps */
	if (!paths) {
		look_at_guards(run);
		if (run->options->outer)
			sbx_nested_gaps(run);
		else
			look_at_rest(run);
	}
	if (run->gaps.error)
		return sbx_fail(err, ENOMEM, NULL,
				"no memory for the list of what is not enforced");
	run->isolation = sbx_isolation_build(run);
	if (!paths)
		warn(run);
	return 0;
}

void sbx_isolation_done(struct sbx_run *run)
{
	sbx_landlock_free(&run->landlock);
	sbx_filter_free(&run->filter);
	sbx_gaps_free(&run->gaps);
	json_decref(run->isolation);
	run->isolation = NULL;
}

static void put(json_t *object, const char *key, const char *word)
{
	/* what fails for lack of memory shows when the text is made */
	(void)json_object_set_new(object, key, json_string(word));
}

static bool has_limits(const struct sbx_run *run)
{
	for (enum sbx_limit limit = 0; run->engine && run->options->policy; limit++) {
		if (limit > SBX_LIMIT_IO)
			break;
		if (sbx_limit_value(&run->options->policy->limits, limit) != SBX_LIMIT_NONE)
			return true;
	}
	return false;
}

/* "pid,ipc,mount", or "none". */
static void list_namespaces(unsigned int namespaces, char *buf, size_t size)
{
	size_t len = 0;

	(void)snprintf(buf, size, "none");
	for (unsigned int bit = SBX_NS_PID; bit <= SBX_NS_TIME; bit <<= 1) {
		if (namespaces & bit && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "," : "",
						sbx_namespace_to_str((enum sbx_namespace)bit));
	}
}

json_t *sbx_isolation_build(const struct sbx_run *run)
{
	char names[64];
	const struct sbx_policy *policy = run->options->policy;
	enum sbx_mechanism how = mechanism_of(run);
	bool paths = sbx_mechanism_judges_paths(how);
	bool landlock = run->landlock.abi > 0;
	bool filter = run->filter.program.len > 0;
	const char *files = landlock ? "landlock" : "none";
	const char *network = sbx_mechanism_to_str(how);
	const char *outer = run->options->outer;
	json_t *isolation = json_object();

	if (paths) {
		files = landlock ? "fmod_ret+landlock" : sbx_mechanism_to_str(how);
		network = how == SBX_MECHANISM_LSM ? "lsm+cgroup" : "fmod_ret+cgroup";
	} else if (filter) {
		network = landlock ? "cgroup+landlock+seccomp" : "cgroup+seccomp";
		network += outer ? sizeof("cgroup+") - 1 : 0;
	}
	put(isolation, "mode", sbx_mode_to_str(policy ? policy->mode : SBX_MODE_ENFORCE));
	put(isolation, "files", files);
	put(isolation, "exec", files);
	put(isolation, "network", network);
	put(isolation, "guards",
	    paths    ? sbx_mechanism_to_str(how)
	    : filter ? (landlock ? "landlock+seccomp" : "seccomp")
		     : "none");
	put(isolation, "limits", has_limits(run) ? "cgroup2" : "none");
	put(isolation, "syscalls", filter ? "seccomp" : "none");
	list_namespaces(policy && !outer ? sbx_policy_namespaces(policy) : 0, names, sizeof(names));
	put(isolation, "namespaces", names);
	if (outer)
		put(isolation, "outer", outer);
	(void)json_object_set_new(isolation, "not_enforced", sbx_gaps_json(&run->gaps));
	return isolation;
}
