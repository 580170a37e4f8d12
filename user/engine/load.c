// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads, attaches and pins the programs; the only file that knows the skeleton.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* vasprintf */
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#include "sbx.skel.h"

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	sbx_cleanup(sbx_freep) char *text = NULL;

	if (sbx_log_get_level() < (level == LIBBPF_WARN ? SBX_LOG_DEBUG : SBX_LOG_TRACE))
		return 0;
	if (vasprintf(&text, fmt, args) < 0) {
		text = NULL;
		return 0;
	}
	/* The verifier's log comes as one message. */
	for (char *line = text, *end; line && *line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		sbx_log(SBX_LOG_DEBUG, "%s", line);
	}
	return 0;
}

const char *sbx_load_build(void)
{
	/* hash of the programs, made at build time: hashing them at each start would cost more */
	static const char id[] =
#include "build-id.inc"
		;
	static char build[40];

	(void)snprintf(build, sizeof(build), "%d-%s", SBX_SCHEMA, id);
	return build;
}

/* Addresses of two sequence counts; they have no type information, so kallsyms is asked. */
static int find_symbols(struct sbx_bpf *skel, struct sbx_error *err)
{
	sbx_cleanup(sbx_fclosep) FILE *symbols = fopen("/proc/kallsyms", "re");
	unsigned long long address;
	char line[512], name[256];
	bool found = false;

	while (symbols && fgets(line, sizeof(line), symbols)) {
		if (sscanf(line, "%llx %*c %255s", &address, name) != 2)
			continue;
		found |= !strcmp(name, "rename_lock");
		if (!strcmp(name, "rename_lock"))
			skel->rodata->sbx_rename_lock = address;
		else if (!strcmp(name, "mount_lock"))
			skel->rodata->sbx_mount_lock = address;
	}
	if (skel->rodata->sbx_rename_lock && skel->rodata->sbx_mount_lock)
		return 0;
	return sbx_fail(err, ENOTSUP,
			found ? "set the sysctl kernel.kptr_restrict to 0 or 1"
			      : "boot a kernel built with CONFIG_KALLSYMS_ALL=y (stock Debian, "
				"Ubuntu and Fedora kernels are)",
			"/proc/kallsyms does not tell where rename_lock and mount_lock are");
}

static int pin_maps(struct sbx_bpf *skel, const char *dir, struct sbx_error *err)
{
	struct bpf_map *map;
	char path[512];
	int r;

	(void)snprintf(path, sizeof(path), "%s/maps", dir);
	if (mkdir(path, 0700))
		return sbx_fail(err, errno, NULL, "cannot make \"%s\" (%s)", path,
				sbx_errno_name(errno));
	bpf_object__for_each_map (map, skel->obj) {
		if (strncmp(bpf_map__name(map), "sbx_", 4) || strchr(bpf_map__name(map), '.'))
			continue;
		(void)snprintf(path, sizeof(path), "%s/maps/%s", dir, bpf_map__name(map));
		r = bpf_map__pin(map, path);
		if (r)
			return sbx_fail(err, -r, NULL, "cannot pin \"%s\" (%s)", path,
					sbx_errno_name(r));
	}
	return 0;
}

/* Programs whose pinned link enforces; an iterator is called by user space. */
static bool is_link(const struct bpf_program *program)
{
	return strncmp(bpf_program__section_name(program), "iter/", 5) != 0;
}

static bool is_of_cgroup(const struct bpf_program *program)
{
	const char *section = bpf_program__section_name(program);

	return !strncmp(section, "cgroup", 6) || !strcmp(section, "sockops");
}

/* Programs that only some jobs need, and every other task would pay for: see later.c. */
static bool is_for_later(const struct bpf_program *program)
{
	return !strncmp(bpf_program__name(program), "sbx_disk_", strlen("sbx_disk_"));
}

static int pin_for_later(struct bpf_program *program, const char *dir, struct sbx_error *err)
{
	char path[512];
	int r;

	(void)snprintf(path, sizeof(path), "%s/later/%s", dir, bpf_program__name(program));
	r = bpf_program__pin(program, path);
	return r ? sbx_fail(err, -r, NULL, "cannot pin \"%s\" (%s)", path, sbx_errno_name(r)) : 0;
}

/* Attaches one program and pins its link; the link's own descriptor is closed again. */
static int attach_pin(struct bpf_program *program, const char *dir, int cgroup_fd,
		      struct sbx_error *err)
{
	const char *section = bpf_program__section_name(program);
	struct bpf_link *link;
	char path[512];
	int r;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", dir, is_link(program) ? "links" : "other",
		       bpf_program__name(program));
	link = is_of_cgroup(program) ? bpf_program__attach_cgroup(program, cgroup_fd)
				     : bpf_program__attach(program);
	if (!link)
		return sbx_fail(err, errno, NULL, "cannot attach %s (%s): %s", section,
				bpf_program__name(program), sbx_errno_name(errno));
	r = bpf_link__pin(link, path);
	if (!r && is_of_cgroup(program)) { /* once more, for sbx_pins_check_links */
		(void)snprintf(path, sizeof(path), "%s/cgroup/%s", dir, bpf_program__name(program));
		r = bpf_obj_pin(bpf_link__fd(link), path) ? -errno : 0;
	}
	bpf_link__disconnect(link); /* the pin keeps it attached */
	(void)bpf_link__destroy(link);
	if (r)
		return sbx_fail(err, -r, NULL, "cannot pin \"%s\" (%s)", path, sbx_errno_name(r));
	return 0;
}

static int attach_all(struct sbx_bpf *skel, const char *dir, const char *cgroup_root,
		      struct sbx_meta *meta, struct sbx_error *err)
{
	static const char *const dirs[] = { "links", "cgroup", "other", "later" };
	sbx_cleanup(sbx_closep) int cgroup_fd =
		open(cgroup_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct bpf_program *program;
	char path[512];
	int r;

	if (cgroup_fd < 0)
		return sbx_fail(err, errno, NULL, "cannot open \"%s\" (%s)", cgroup_root,
				sbx_errno_name(errno));
	for (size_t i = 0; i < SBX_ARRAY_SIZE(dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, dirs[i]);
		if (mkdir(path, 0700))
			return sbx_fail(err, errno, NULL, "cannot make \"%s\" (%s)", path,
					sbx_errno_name(errno));
	}
	bpf_object__for_each_program (program, skel->obj) {
		if (!bpf_program__autoload(program))
			continue;
		if (is_for_later(program)) {
			r = pin_for_later(program, dir, err);
			if (r)
				return r;
			continue;
		}
		r = attach_pin(program, dir, cgroup_fd, err);
		if (r)
			return r;
		meta->links += is_link(program);
		meta->cgroup_links += is_of_cgroup(program);
	}
	return 0;
}

/*
 * Linux before 6.2 can miss a task storage that is there, when another task was preempted in the
 * middle of a look-up on the same processor.  Kernels that preempt themselves look twice.
 */
static bool must_check_misses(const struct sbx_probe *probe)
{
	unsigned int major = 0, minor = 0;

	if (sscanf(probe->release, "%u.%u", &major, &minor) != 2)
		return true;
	if (major > 6 || (major == 6 && minor >= 2))
		return false;
	return sbx_preempt_can(probe->preempt);
}

static int write_meta(struct sbx_bpf *skel, const struct sbx_meta *meta)
{
	__u32 zero = 0;

	return bpf_map_update_elem(bpf_map__fd(skel->maps.sbx_meta), &zero, meta, BPF_ANY);
}

static int load(struct sbx_bpf *skel, const struct sbx_probe *probe, enum sbx_mechanism mechanism,
		struct sbx_error *err)
{
	int r = sbx_hooks_fit(skel->obj, mechanism, err);

	if (!r && sbx_mechanism_judges_paths(mechanism))
		r = find_symbols(skel, err);
	if (r)
		return r;
	skel->rodata->sbx_addresses_only = !sbx_mechanism_judges_paths(mechanism);
	skel->rodata->sbx_is_lsm = mechanism == SBX_MECHANISM_LSM;
	skel->bss->sbx_miss_checks = must_check_misses(probe);
	r = sbx_bpf__load(skel);
	if (r)
		return sbx_fail(err, -r,
				probe->lockdown ? "boot without lockdown= and without secure boot"
						: "repeat with -vv for the kernel's reasons",
				"the kernel refused to load the engine (%s)", sbx_errno_name(r));
	return 0;
}

int sbx_load_pin(const struct sbx_probe *probe, enum sbx_mechanism mechanism, const char *dir,
		 const char *cgroup_root, struct sbx_error *err)
{
	struct sbx_bpf *skel;
	struct sbx_meta meta = {
		.next_id = 1,
		.cgroup = sbx_cgroup_id_of(cgroup_root),
		.mechanism = mechanism,
	};
	int r;

	(void)libbpf_set_print(print_libbpf);
	skel = sbx_bpf__open();
	if (!skel)
		return sbx_fail(err, errno, NULL, "cannot open the built-in programs (%s)",
				sbx_errno_name(errno));
	r = load(skel, probe, mechanism, err);
	if (!r && mkdir(dir, 0700))
		r = sbx_fail(err, errno, NULL, "cannot make \"%s\" (%s)", dir,
			     sbx_errno_name(errno));
	if (!r)
		r = pin_maps(skel, dir, err);
	if (!r)
		r = attach_all(skel, dir, cgroup_root, &meta, err);
	if (!r && write_meta(skel, &meta))
		r = sbx_fail(err, errno, NULL, "cannot write the engine's own map (%s)",
			     sbx_errno_name(errno));
	sbx_bpf__destroy(skel);
	return r;
}

void sbx_probe_trampolines(struct sbx_probe *probe)
{
	static const struct bpf_insn allow[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K }, /* return 0 */
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_MODIFY_RETURN);
	sbx_cleanup(sbx_closep) int fd = -1;
	int id;

	(void)libbpf_set_print(print_libbpf);
	id = libbpf_find_vmlinux_btf_id("security_file_open", BPF_MODIFY_RETURN);
	if (id < 0) {
		probe->trampolines = id;
		return;
	}
	options.attach_btf_id = (__u32)id;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "sbx_trial", "GPL", allow, SBX_ARRAY_SIZE(allow),
			   &options);
	probe->trampolines = fd < 0 ? -errno : 0;
}
