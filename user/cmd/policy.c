// SPDX-License-Identifier: GPL-2.0-only
/* How verbs load a policy: its variables, ${WORKDIR}, and its faults as one error. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"

/* From the password file, not from $HOME: deny rules for secrets hang on it. */
static void find_home(char *buf, size_t size)
{
	const struct passwd *user = getpwuid(getuid());
	const char *home = user && *user->pw_dir == '/' ? user->pw_dir : "/root";

	(void)snprintf(buf, size, "%s", home);
}

void sbx_cmd_vars_init(struct sbx_cmd_vars *vars)
{
	memset(vars, 0, sizeof(*vars));
	find_home(vars->home, sizeof(vars->home));
	if (!getcwd(vars->workdir, sizeof(vars->workdir)))
		memcpy(vars->workdir, "/",
		       sizeof("/")); /* it was removed: the command cannot run there */
	vars->vars.home = vars->home;
	vars->vars.workdir = vars->workdir;
	vars->vars.tmpdir = "/tmp";
	vars->vars.uid = getuid();
	vars->vars.set = vars->set;
}

int sbx_cmd_vars_set(struct sbx_cmd_vars *vars, const char *pair)
{
	const char *equals = strchr(pair, '=');

	if (!equals || equals == pair) {
		sbx_log(SBX_LOG_ERROR, "--set \"%s\": write it as NAME=VALUE", pair);
		return SBX_EXIT_FAILURE;
	}
	if (vars->n_set + 1 >= SBX_ARRAY_SIZE(vars->set)) {
		sbx_log(SBX_LOG_ERROR, "--set: at most %zu variables",
			SBX_ARRAY_SIZE(vars->set) - 1);
		return SBX_EXIT_FAILURE;
	}
	vars->set[vars->n_set++] = pair;
	return 0;
}

/* The policy gives the command another folder or another user: true when a variable changed. */
static bool moved(const struct sbx_policy *policy, struct sbx_cmd_vars *vars)
{
	const char *workdir = policy->process.workdir;
	char home[sizeof(vars->home)];
	bool changed = false;

	if (workdir && strcmp(workdir, vars->workdir) && strlen(workdir) < sizeof(vars->workdir)) {
		(void)snprintf(vars->workdir, sizeof(vars->workdir), "%s", workdir);
		changed = true;
	}
	if (!sbx_job_home(policy, home, sizeof(home)) && strcmp(home, vars->home)) {
		memcpy(vars->home, home, sizeof(home));
		changed = true;
	}
	return changed;
}

int sbx_cmd_policy(const char *name, struct sbx_cmd_vars *vars, struct sbx_policy **ret_policy,
		   struct sbx_diags *diags)
{
	struct sbx_policy *policy = NULL;
	int r = sbx_policy_load(name, &vars->vars, &policy, diags);

	if (r)
		return r;
	if (!moved(policy, vars)) {
		*ret_policy = policy;
		return 0;
	}
	/* ~, ${HOME} and ${WORKDIR} mean other places then: once more. */
	sbx_policy_free(policy);
	sbx_diags_free(diags);
	return sbx_policy_load(name, &vars->vars, ret_policy, diags);
}

int sbx_cmd_compile(const char *name, struct sbx_cmd_vars *vars, struct sbx_policy **ret_policy,
		    struct sbx_compiled **ret_compiled, struct sbx_diags *diags)
{
	struct sbx_policy *policy = NULL;
	struct sbx_resolver *resolver;
	int r = sbx_cmd_policy(name, vars, &policy, diags);

	if (r)
		return r;
	resolver = sbx_resolver_new(policy, vars->workdir);
	r = resolver ? sbx_policy_compile(policy, sbx_job_resolve, resolver, ret_compiled, diags)
		     : -ENOMEM;
	sbx_resolver_free(resolver);
	if (r)
		sbx_policy_free(policy);
	else
		*ret_policy = policy;
	return r;
}

void sbx_cmd_faults(struct sbx_diags *diags, const char *name, struct sbx_error *ret_err)
{
	sbx_diags_print(diags, stderr, sbx_color(STDERR_FILENO));
	(void)sbx_fail(ret_err, EINVAL, NULL, "the policy \"%s\" has %zu fault%s: nothing was run",
		       name, diags->n_errors, diags->n_errors == 1 ? "" : "s");
}
