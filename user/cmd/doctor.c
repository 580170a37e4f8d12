// SPDX-License-Identifier: GPL-2.0-only
/*
 * `sbx-bpf doctor`: what this host offers, how that was found out, and what to change.  Leaves
 * the host as it found it: an engine that it had to load for the proof is unloaded again.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"

enum { KEY_PROVE = 256 };

static const struct sbx_option options[] = {
	{ KEY_PROVE, "prove", NULL, "try some 290 harmless attacks in a job, and show each" },
};

static const struct sbx_command command = {
	.usage = "doctor [--prove]",
	.about = "Exit status: 0 when jobs can be enforced here (--prove: when each attack was\n"
		 "refused and logged), 1 when not.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

enum state {
	STATE_OK,
	STATE_MISSING,
	STATE_UNKNOWN, /* not needed, or could not be looked at */
};

struct finding {
	const char *what;
	enum state state;
	bool needed;
	char found[1024]; /* how that was found out */
	char cure[512];
};

#define FINDINGS_MAX 32

struct report {
	struct finding items[FINDINGS_MAX];
	size_t n;
	bool color;
};

static void add(struct report *report, const char *what, enum state state, bool needed,
		const char *found, const char *cure)
{
	struct finding *item = &report->items[report->n];

	if (report->n >= FINDINGS_MAX)
		return;
	report->n++;
	item->what = what;
	item->state = state;
	item->needed = needed;
	(void)snprintf(item->found, sizeof(item->found), "%s", found);
	(void)snprintf(item->cure, sizeof(item->cure), "%s", state == STATE_OK ? "" : cure);
}

static enum state ok_if(bool condition)
{
	return condition ? STATE_OK : STATE_MISSING;
}

static void look_kernel(struct report *report, const struct sbx_probe *probe)
{
	char text[400];

	(void)snprintf(text, sizeof(text), "uname -r: %s", probe->release);
	add(report, "kernel", STATE_OK, false, text, "");
	add(report, "privileges", ok_if(probe->root), true,
	    probe->root ? "CAP_SYS_ADMIN and CAP_BPF in the first user namespace"
			: "CAP_SYS_ADMIN or CAP_BPF is missing",
	    "run it as root, outside of user namespaces");
	add(report, "kernel types (BTF)", ok_if(probe->btf), true, "/sys/kernel/btf/vmlinux",
	    "use a kernel with CONFIG_DEBUG_INFO_BTF=y, as Debian's are");
	if (probe->lsm_known)
		(void)snprintf(text, sizeof(text), "/sys/kernel/security/lsm: %s", probe->lsm);
	else
		(void)snprintf(text, sizeof(text), "/sys/kernel/security/lsm cannot be read");
	add(report, "BPF LSM", probe->lsm_known ? ok_if(probe->bpf_in_lsm) : STATE_UNKNOWN, false,
	    text,
	    probe->lsm_known
		    ? "boot with lsm=landlock,lockdown,yama,integrity,apparmor,bpf (the list above "
		      "plus bpf)"
		    : "mount -t securityfs none /sys/kernel/security");
	if (probe->trampolines < 0)
		(void)snprintf(text, sizeof(text), "the kernel refuses them (tried with one: %s%s)",
			       sbx_errno_name(probe->trampolines),
			       probe->lockdown ? ", locked down" : "");
	else
		(void)snprintf(text, sizeof(text), "%s",
			       probe->trampolines ? "not tried, for want of the above"
						  : "one was loaded on trial");
	add(report, "programs on hooks",
	    probe->trampolines > 0 ? STATE_UNKNOWN : ok_if(!probe->trampolines), false, text,
	    probe->lockdown ? "boot without lockdown=, or without secure boot"
			    : "use a kernel that allows BPF programs on its functions");
}

static void look_preemption(struct report *report, const struct sbx_probe *probe)
{
	bool can = sbx_preempt_can(probe->preempt);
	char text[400];

	(void)snprintf(text, sizeof(text), "%s (found by: %s)", sbx_preempt_to_str(probe->preempt),
		       probe->preempt_from);
	add(report, "preemption", can ? STATE_UNKNOWN : STATE_OK, false, text,
	    "fmod_ret, which stands in for BPF LSM, can be got round on a kernel that preempts "
	    "itself: keep `bpf` in lsm=");
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len) {
		if ((at == list || at[-1] == ' ') &&
		    (!at[len] || at[len] == ' ' || at[len] == '\n'))
			return true;
	}
	return false;
}

static void look_mounts(struct report *report, const struct sbx_probe *probe)
{
	static const char *const wanted[] = { "memory", "pids", "cpu" };
	char text[400];
	bool all = true;

	(void)snprintf(text, sizeof(text), "mounted at %s", probe->cgroup2);
	add(report, "cgroup2", ok_if(*probe->cgroup2 != '\0'), true,
	    *probe->cgroup2 ? text : "not in /proc/self/mountinfo",
	    "mount -t cgroup2 none /sys/fs/cgroup");
	(void)snprintf(text, sizeof(text), "mounted at %s", probe->bpffs);
	add(report, "bpffs", ok_if(*probe->bpffs != '\0'), false,
	    *probe->bpffs ? text : "not in /proc/self/mountinfo",
	    "mount -t bpf none /sys/fs/bpf (sbx-bpf does so itself when it loads)");
	for (size_t i = 0; i < SBX_ARRAY_SIZE(wanted); i++)
		all = all && has_word(probe->controllers, wanted[i]);
	(void)snprintf(text, sizeof(text), "cgroup.controllers: %s", probe->controllers);
	add(report, "limits", ok_if(all), false, text,
	    "limits need the controllers memory, pids and cpu on cgroup2: boot with "
	    "systemd.unified_cgroup_hierarchy=1 (a v1 hierarchy holds them now)");
}

static void look_gaps(struct report *report, enum sbx_mechanism mechanism)
{
	const char *last = "";

	for (const char *const *gap = sbx_mechanism_gaps(mechanism); *gap; gap++) {
		if (strcmp(*gap, last)) /* tests of the same thing follow each other */
			add(report, "differs", STATE_UNKNOWN, false, *gap, "");
		last = *gap;
	}
}

/* An engine that had to be loaded for the proof is unloaded again. */
static void put_back(struct sbx_engine *engine, bool loaded)
{
	struct sbx_error err = { 0 };

	sbx_engine_close(engine);
	if (loaded && sbx_engine_unload(false, &err))
		sbx_log(SBX_LOG_WARN, "the engine stays loaded: %s", err.text);
}

/* What is left where a whole policy cannot be held. */
static void look_best_effort(struct report *report)
{
	static const struct sbx_accept accept = { .best_effort = true };
	struct sbx_engine *engine = NULL;
	struct sbx_error err = { 0 };
	bool loaded = false;
	char text[200];
	int r = sbx_engine_open(&accept, &engine, &loaded, &err);

	if (!r && !loaded)
		r = sbx_canary(engine, true, &err);
	if (r) {
		add(report, "best effort", STATE_MISSING, false, err.text, err.cure);
	} else {
		(void)snprintf(text, sizeof(text), "mechanism %s, for `require: best-effort`%s",
			       sbx_mechanism_to_str(sbx_engine_mechanism(engine)),
			       sbx_mechanism_judges_paths(sbx_engine_mechanism(engine))
				       ? ""
				       : ": addresses only");
		add(report, "best effort", STATE_OK, false, text, "");
		look_gaps(report, sbx_engine_mechanism(engine));
	}
	put_back(engine, loaded);
}

/* Loads the engine if need be, which proves every program, or repeats the proof. */
static void look_engine(struct report *report)
{
	static const struct sbx_accept accept = { .best_effort = false };
	struct sbx_engine *engine = NULL;
	struct sbx_error err = { 0 };
	bool loaded = false;
	char text[200];
	int r = sbx_engine_open(&accept, &engine, &loaded, &err);

	if (r) {
		add(report, "enforcement", STATE_MISSING, true, err.text, err.cure);
		look_best_effort(report);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s (mechanism %s)",
		       loaded ? "not loaded before; it loads" : "is loaded",
		       sbx_mechanism_to_str(sbx_engine_mechanism(engine)));
	add(report, "engine", STATE_OK, true, text, "");
	r = loaded ? 0 : sbx_canary(engine, true, &err);
	add(report, "enforcement", ok_if(!r), true,
	    r ? err.text : "a scratch job was refused what it must be, and allowed the rest",
	    err.cure);
	look_gaps(report, sbx_engine_mechanism(engine));
	put_back(engine, loaded);
}

static const char *state_word(enum state state)
{
	static const char *const words[] = {
		[STATE_OK] = "ok",
		[STATE_MISSING] = "missing",
		[STATE_UNKNOWN] = "unknown",
	};

	return words[state];
}

static void print_text(const struct report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		const struct finding *item = &report->items[i];

		printf("%-8s %-20s %s\n", state_word(item->state), item->what, item->found);
		if (*item->cure)
			printf("%-8s %-20s -> %s\n", "", "", item->cure);
	}
}

static void print_json(const struct report *report, bool enforceable)
{
	json_t *checks = json_array();
	json_t *object = json_object();

	for (size_t i = 0; i < report->n; i++) {
		const struct finding *item = &report->items[i];

		(void)json_array_append_new(
			checks,
			json_pack("{s:s, s:s, s:b, s:s, s:s?}", "name", item->what, "state",
				  state_word(item->state), "needed", (int)item->needed, "found",
				  item->found, "cure", *item->cure ? item->cure : NULL));
	}
	(void)json_object_set_new(object, "enforceable", json_boolean(enforceable));
	(void)json_object_set_new(object, "checks", checks);
	(void)json_dumpf(object, stdout, JSON_INDENT(2)); /* main checks stdout */
	(void)putchar('\n');
	json_decref(object);
}

int sbx_cmd_doctor(int argc, char **argv)
{
	struct sbx_parser parser;
	struct sbx_probe probe = { 0 };
	struct report report = { 0 };
	struct sbx_error err = { 0 };
	bool enforceable = true, proving = false;
	int r, key;

	sbx_parser_init(&parser, &command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0)
		proving = true; /* the only option */
	if (key == SBX_PARSE_STOP)
		return parser.status;
	if (optind < argc)
		return sbx_usage_error(command.usage, "doctor takes no \"%s\"", argv[optind]);
	if (proving)
		return sbx_cmd_prove();
	r = sbx_probe_host(&probe);
	if (r) {
		(void)sbx_fail(&err, -r, NULL, "cannot look at this host: %s", sbx_errno_name(r));
		return sbx_cmd_fail(&err);
	}
	if (!sbx_probe_require(&probe, NULL))
		sbx_probe_trampolines(&probe);
	look_kernel(&report, &probe);
	look_preemption(&report, &probe);
	look_mounts(&report, &probe);
	look_engine(&report);
	for (size_t i = 0; i < report.n; i++)
		enforceable &= !report.items[i].needed || report.items[i].state == STATE_OK;
	if (sbx_globals()->json)
		print_json(&report, enforceable);
	else if (!sbx_globals()->quiet)
		print_text(&report);
	return enforceable ? SBX_EXIT_OK : 1;
}
