// SPDX-License-Identifier: GPL-2.0-only
/* How the command of a run begins, whichever kind of run it is: terminal, environment, launch. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

/* In the /dev that the job sees, which the keeper may have made. */
int sbx_run_open_terminal(struct sbx_run *run, struct sbx_error *err)
{
	char root[64] = "";
	int r = 0;

	if (!run->options->policy->process.pty || run->pty.fd >= 0)
		return 0;
	if (run->keeper.pid)
		(void)snprintf(root, sizeof(root), "/proc/%d/root", run->keeper.pid);
	r = sbx_pty_open(root, &run->pty);
	return r ? sbx_fail(err, -r, "a devpts must be mounted on /dev/pts",
			    "cannot open a terminal for the job: %s", sbx_errno_name(r))
		 : 0;
}

bool sbx_run_has_session(const struct sbx_run *run)
{
	/* A client's terminal is never that of its launcher. */
	return run->command || run->pty.fd >= 0 || !isatty(STDIN_FILENO);
}

/* A priority is the guard `capability`; so is one that a limit of the caller's gives away. */
static bool may_raise_priority(const struct sbx_policy *policy)
{
	__u8 action = policy->guards[SBX_GUARD_CAPABILITY];

	return (action && action < SBX_ACTION_DENY) || policy->mode == SBX_MODE_AUDIT;
}

int sbx_run_launch(struct sbx_run *run, struct sbx_error *err)
{
	const struct sbx_policy *policy = run->options->policy;
	sbx_cleanup(sbx_closep) int join_fd = -1;
	struct sbx_launch what = {
		.argv = run->options->argv,
		.process = &policy->process,
		.limits = &policy->limits,
		.identity = &run->identity,
		.landlock = &run->landlock,
		.filter = &run->filter,
		.keeper = &run->keeper,
		.namespaces = run->options->outer ? 0 : sbx_policy_namespaces(policy),
		.workdir = *run->workdir ? run->workdir : NULL,
		.new_session = sbx_run_has_session(run),
		.keep_priority = may_raise_priority(policy),
		.terminal = run->pty.fd >= 0 ? run->pty.path : NULL,
		.uid = sbx_id_outside(&policy->process, run->identity.uid),
	};
	char **env = NULL;
	int r = sbx_env_build(&policy->process, &run->identity, environ, run->name, policy->name,
			      &env);

	if (r)
		return sbx_fail(err, -r, NULL, "no memory for the environment");
	if (run->engine)
		join_fd = sbx_engine_join_fd(run->tree->fd);
	what.env = env;
	what.cgroup_fd = run->tree->fd;
	what.join_fd = join_fd;
	if (join_fd < 0 && run->engine)
		r = sbx_fail(err, -join_fd, NULL, "cannot open \"%s/cgroup.threads\" (%s)",
			     run->tree->path, sbx_errno_name(join_fd));
	else
		r = sbx_launch_start(&what, &run->child, err);
	sbx_env_free(env);
	return r;
}
