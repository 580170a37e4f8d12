// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second net: what neither the launcher nor its watchdog cleaned up.  A record whose lock
 * can be taken belongs to nobody; a cgroup under the engine's root without a record, likewise;
 * a binding whose cgroup is gone and that no task names, likewise.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "lib/log.h"

struct gc {
	struct sbx_engine *engine;
	int n;	   /* jobs removed */
	int worst; /* the first error; the walk goes on */
	char what[512];
};

static void note(struct gc *gc, int r, const char *what)
{
	if (r && !gc->worst) {
		gc->worst = r;
		(void)snprintf(gc->what, sizeof(gc->what), "%s", what);
	}
}

static int clean_record(const char *name, void *ctx)
{
	struct gc *gc = ctx;
	struct sbx_state state = { .dir_fd = -1 };
	int r = sbx_state_adopt(name, &state);

	if (r) /* alive, or another gc was quicker */
		return 0;
	r = sbx_tasks_clean(gc->engine, &state.binding, state.cgroup);
	note(gc, r, name);
	if (r) {
		sbx_state_close(&state); /* the record stays for the next try */
		return 0;
	}
	sbx_state_remove(&state);
	gc->n++;
	return 0;
}

/*
 * A job's cgroup whose record is lost (/run was emptied).  Names of others are left alone; taking
 * the name keeps a job away that begins just now.
 */
static void clean_cgroup(struct gc *gc, const char *root, const char *name)
{
	const struct sbx_binding none = { 0 };
	struct sbx_state state;
	char path[512];
	int n = snprintf(path, sizeof(path), "%s/%s", root, name);
	int r;

	if (n < 0 || (size_t)n >= sizeof(path) || sbx_state_check_name(name, NULL) ||
	    sbx_state_create(name, path, false, &state, NULL))
		return;
	r = sbx_tasks_clean(gc->engine, &none, path);
	note(gc, r, name);
	gc->n += !r;
	sbx_state_remove(&state);
}

static void clean_cgroups(struct gc *gc)
{
	const char *root = sbx_engine_cgroup_root(gc->engine);
	sbx_cleanup(sbx_closedirp) DIR *dir = opendir(root);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_type == DT_DIR)
			clean_cgroup(gc, root, entry->d_name);
	}
}

/* A launcher has its cgroup from before the bind until after the release. */
static int clean_binding(const struct sbx_binding *binding, const char *cgroup_path, void *ctx)
{
	struct gc *gc = ctx;
	int r;

	if (cgroup_path)
		return 0;
	r = sbx_tasks_clean(gc->engine, binding, NULL);
	note(gc, r, "a job without a cgroup");
	gc->n += !r;
	return 0;
}

void sbx_gc_records(struct sbx_engine *engine)
{
	struct gc gc = { .engine = engine };

	if (sbx_state_each(clean_record, &gc) || gc.worst)
		sbx_log(SBX_LOG_WARN, "a dead job cannot be cleaned up; run \"sbx-bpf gc\"");
	else if (gc.n)
		sbx_log(SBX_LOG_INFO, "cleaned up %d job%s of killed launchers", gc.n,
			gc.n == 1 ? "" : "s");
}

int sbx_job_gc(struct sbx_engine *engine, struct sbx_error *err)
{
	struct gc gc = { .engine = engine };
	int r = sbx_state_each(clean_record, &gc);

	note(&gc, r, sbx_state_jobs_dir());
	if (engine) {
		clean_cgroups(&gc);
		note(&gc, sbx_engine_each_job(engine, clean_binding, &gc), "the engine's jobs");
	}
	if (gc.worst)
		return sbx_fail(err, -gc.worst, NULL, "cannot clean up \"%s\": %s", gc.what,
				sbx_errno_name(gc.worst));
	return gc.n;
}

static int end_binding(const struct sbx_binding *binding, const char *cgroup_path, void *ctx)
{
	struct gc *gc = ctx;
	int r = sbx_tasks_clean(gc->engine, binding, cgroup_path);

	note(gc, r, cgroup_path ? cgroup_path : "a job without a cgroup");
	gc->n += !r;
	return 0;
}

int sbx_job_end_all(struct sbx_engine *engine, struct sbx_error *err)
{
	struct gc gc = { .engine = engine };

	note(&gc, sbx_engine_each_job(engine, end_binding, &gc), "the engine's jobs");
	if (gc.worst)
		return sbx_fail(err, -gc.worst, NULL, "cannot end \"%s\": %s", gc.what,
				sbx_errno_name(gc.worst));
	return gc.n;
}

struct each {
	sbx_job_info_fn fn;
	void *ctx;
};

static int show_record(const char *name, void *ctx)
{
	const struct each *each = ctx;
	struct sbx_job_info info = { .name = name };
	struct sbx_cgroup cgroup = { .fd = -1 };
	struct sbx_state state;

	if (sbx_state_look(name, &state, &info.alive))
		return 0; /* it has just ended */
	info.launcher = state.launcher;
	info.kept = state.kept;
	info.binding = state.binding;
	info.cgroup = state.cgroup;
	if (!sbx_cgroup_open(state.cgroup, &cgroup))
		info.busy = sbx_cgroup_populated(&cgroup);
	sbx_cgroup_close(&cgroup);
	return each->fn(&info, each->ctx);
}

int sbx_job_each(sbx_job_info_fn fn, void *ctx)
{
	struct each each = { .fn = fn, .ctx = ctx };

	return sbx_state_each(show_record, &each);
}
