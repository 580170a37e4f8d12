// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads, attaches and pins the programs; the only file that knows the skeleton.  Which programs
 * fit this kernel is read from its own type information, so there is no list of versions.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#include "sbx.skel.h"

/*
 * Hooks that some supported kernel lacks, with what stands in there.  Any other hook that is
 * missing stops the load: the kernel could not enforce what a policy may say.
 */
static const struct {
	const char *hook;
	const char *instead;
} optional_hooks[] = {
	{ "file_truncate", "path_truncate sees ftruncate before Linux 6.2" },
	{ "inode_set_acl", "inode_setxattr sees access control lists before Linux 6.2" },
	{ "inode_remove_acl", "inode_removexattr sees them before Linux 6.2" },
	{ "inode_file_setattr", "file_ioctl sees file flags" },
	{ "file_ioctl_compat", "file_ioctl sees 32-bit callers before Linux 6.8" },
	{ "__x64_sys_open_tree_attr", "there is no such call before Linux 6.15" },
	{ "__arm64_sys_open_tree_attr", "the same" },
	{ "__ia32_sys_brk", "the kernel runs no 32-bit programs" },
	{ "mnt_get_write_access", "mnt_want_write sees it before Linux 6.7" },
};

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char text[2048];

	if (sbx_log_get_level() < (level == LIBBPF_WARN ? SBX_LOG_DEBUG : SBX_LOG_TRACE))
		return 0;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\n")] = '\0';
	sbx_log(SBX_LOG_DEBUG, "%s", text);
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

static bool is_optional(const char *hook)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(optional_hooks); i++) {
		if (!strcmp(optional_hooks[i].hook, hook))
			return true;
	}
	return false;
}

/* Number of arguments of an LSM hook on this kernel, or -ENOENT. */
static int hook_args(const struct btf *btf, const char *hook)
{
	const struct btf_type *type;
	char name[128];
	int id;

	(void)snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
	if (id < 0)
		return -ENOENT;
	type = btf__type_by_id(btf, btf__type_by_id(btf, (__u32)id)->type);
	return btf_vlen(type);
}

/* Of the two forms of inode_setattr, the one that does not fit. */
static bool is_wrong_form(const char *program, const struct btf *btf)
{
	int args = hook_args(btf, "inode_setattr");

	if (!strcmp(program, "sbx_setattr"))
		return args != 3;
	return !strcmp(program, "sbx_setattr_2") && args != 2;
}

/* Programs that are bound to a function of the kernel. */
static bool is_tracing(const char *section)
{
	return !strncmp(section, "lsm/", 4) || !strncmp(section, "fentry/", 7) ||
	       !strncmp(section, "fexit/", 6);
}

static bool has_hook(const struct btf *btf, const char *section, const char *hook)
{
	if (!strncmp(section, "lsm/", 4))
		return hook_args(btf, hook) >= 0;
	return btf__find_by_name_kind(btf, hook, BTF_KIND_FUNC) >= 0;
}

/* Without trampolines: only what hangs on cgroups and tracepoints. */
static void drop_tracing(struct sbx_bpf *skel)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, skel->obj) {
		if (is_tracing(bpf_program__section_name(program)))
			(void)bpf_program__set_autoload(program, false);
	}
}

static int choose_programs(struct sbx_bpf *skel, const struct btf *btf, struct sbx_error *err)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, skel->obj) {
		const char *section = bpf_program__section_name(program);

		const char *hook = strchr(section, '/') ? strchr(section, '/') + 1 : section;

		if (!is_tracing(section))
			continue;
		if (!has_hook(btf, section, hook)) {
			if (!is_optional(hook))
				return sbx_fail(err, ENOTSUP, "boot Linux 6.1 or newer",
						"this kernel lacks the hook %s", hook);
			(void)bpf_program__set_autoload(program, false);
		} else if (is_wrong_form(bpf_program__name(program), btf)) {
			(void)bpf_program__set_autoload(program, false);
		}
	}
	return 0;
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
	link = strncmp(section, "cgroup", 6) ? bpf_program__attach(program)
					     : bpf_program__attach_cgroup(program, cgroup_fd);
	if (!link)
		return sbx_fail(err, errno, NULL, "cannot attach %s (%s): %s", section,
				bpf_program__name(program), sbx_errno_name(errno));
	r = bpf_link__pin(link, path);
	bpf_link__disconnect(link); /* the pin keeps it attached */
	(void)bpf_link__destroy(link);
	if (r)
		return sbx_fail(err, -r, NULL, "cannot pin \"%s\" (%s)", path, sbx_errno_name(r));
	return 0;
}

static int attach_all(struct sbx_bpf *skel, const char *dir, const char *cgroup_root,
		      __u32 *ret_links, struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int cgroup_fd =
		open(cgroup_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct bpf_program *program;
	char path[512];
	__u32 n = 0;
	int r;

	if (cgroup_fd < 0)
		return sbx_fail(err, errno, NULL, "cannot open \"%s\" (%s)", cgroup_root,
				sbx_errno_name(errno));
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, i ? "other" : "links");
		if (mkdir(path, 0700))
			return sbx_fail(err, errno, NULL, "cannot make \"%s\" (%s)", path,
					sbx_errno_name(errno));
	}
	bpf_object__for_each_program (program, skel->obj) {
		if (!bpf_program__autoload(program))
			continue;
		r = attach_pin(program, dir, cgroup_fd, err);
		if (r)
			return r;
		n += is_link(program);
	}
	*ret_links = n;
	return 0;
}

/*
 * Linux before 6.2 can miss a task storage that is there, when another task was preempted in the
 * middle of a look-up on the same processor.  Kernels that preempt themselves look twice.
 */
static bool must_check_misses(const struct sbx_probe *probe)
{
	sbx_cleanup(sbx_fclosep) FILE *file = fopen("/proc/cmdline", "re");
	unsigned int major = 0, minor = 0;
	char line[4096] = "";

	if (sscanf(probe->release, "%u.%u", &major, &minor) != 2)
		return true;
	if (major > 6 || (major == 6 && minor >= 2))
		return false;
	if (!file || !fgets(line, sizeof(line), file))
		return true;
	return strstr(line, "preempt=full") != NULL;
}

static int write_meta(struct sbx_bpf *skel, enum sbx_mechanism mechanism, const char *cgroup_root,
		      __u32 links)
{
	struct sbx_meta meta = {
		.next_id = 1,
		.cgroup = sbx_cgroup_id_of(cgroup_root),
		.links = links,
		.mechanism = mechanism,
	};
	__u32 zero = 0;

	return bpf_map_update_elem(bpf_map__fd(skel->maps.sbx_meta), &zero, &meta, BPF_ANY);
}

/* What lies between hooks and this kernel: forms of hooks, addresses, kernels that miss storage. */
static int fit_kernel(struct sbx_bpf *skel, const struct sbx_probe *probe, struct sbx_error *err)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int r;

	if (!btf)
		return sbx_fail(err, errno, NULL, "cannot read the kernel's type information (%s)",
				sbx_errno_name(errno));
	r = choose_programs(skel, btf, err);
	btf__free(btf);
	if (!r)
		r = find_symbols(skel, err);
	skel->bss->sbx_miss_checks = must_check_misses(probe);
	return r;
}

static int load(struct sbx_bpf *skel, const struct sbx_probe *probe, enum sbx_mechanism mechanism,
		struct sbx_error *err)
{
	int r = 0;

	skel->rodata->sbx_addresses_only = mechanism == SBX_MECHANISM_CGROUP;
	if (mechanism == SBX_MECHANISM_CGROUP)
		drop_tracing(skel);
	else
		r = fit_kernel(skel, probe, err);
	if (r)
		return r;
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
	__u32 links = 0;
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
		r = attach_all(skel, dir, cgroup_root, &links, err);
	if (!r && write_meta(skel, mechanism, cgroup_root, links))
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
