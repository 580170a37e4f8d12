// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fits the programs to the kernel and to the mechanism.  What there is and in which form is read
 * from the kernel's type information, so there is no list of versions.  For fmod_ret the programs
 * written for lsm/HOOK go to the function that calls the hook: same arguments but for the forms
 * below, same return value; a function that returns nothing is watched at its entry.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

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
	{ "__ia32_sys_brk", "the kernel runs no 32-bit programs" },
	{ "mnt_get_write_access", "mnt_want_write sees it before Linux 6.7" },
};

/* Functions that call a hook, where they are not called security_HOOK. */
static const struct {
	const char *hook;
	const char *function;
} callers[] = {
	{ "bprm_check_security", "security_bprm_check" },
	{ "userns_create", "security_create_user_ns" },
	{ "settime", "security_settime64" },
	{ "cred_prepare", "security_prepare_creds" },
	{ "socket_sock_rcv_skb", "security_sock_rcv_skb" },
	{ "msg_queue_alloc_security", "security_msg_queue_alloc" },
	{ "sem_alloc_security", "security_sem_alloc" },
	{ "shm_alloc_security", "security_shm_alloc" },
};

/* Programs that fit one number of arguments of their function. */
static const struct {
	const char *program;
	int args;
} forms[] = {
	{ "sbx_setattr", 3 }, /* with the mount's ids first: Linux 6.2, and security_… before */
	{ "sbx_setattr_2", 2 },
	{ "sbx_mmap_file", 4 },
	{ "sbx_mmap_file_3", 3 }, /* security_mmap_file has no `reqprot` */
};

/* Programs that fit where a function is missing: see there. */
static const struct {
	const char *program;
	const char *function;
} before[] = {
	{ "sbx_disk_iter", "splice_file_range" }, /* Linux 6.8 */
	{ "sbx_disk_direct", "splice_file_range" },
};

static bool is_optional(const char *hook)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(optional_hooks); i++) {
		if (!strcmp(optional_hooks[i].hook, hook))
			return true;
	}
	return false;
}

static bool is_lsm(const char *section)
{
	return !strncmp(section, "lsm/", 4);
}

/* Programs that are bound to a function of the kernel. */
static bool is_tracing(const char *section)
{
	return is_lsm(section) || !strncmp(section, "fentry/", 7) || !strncmp(section, "fexit/", 6);
}

/* The function that a program is bound to. */
static void name_function(const char *section, enum sbx_mechanism mechanism, char *ret_name,
			  size_t size)
{
	const char *hook = strchr(section, '/') + 1;
	const char *prefix = "";

	if (is_lsm(section))
		prefix = mechanism == SBX_MECHANISM_FMOD_RET ? "security_" : "bpf_lsm_";
	(void)snprintf(ret_name, size, "%s%s", prefix, hook);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(callers); i++) {
		if (*prefix == 's' && !strcmp(callers[i].hook, hook))
			(void)snprintf(ret_name, size, "%s", callers[i].function);
	}
}

/* The function's type, or NULL where this kernel has none. */
static const struct btf_type *find_function(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);

	return id < 0 ? NULL : btf__type_by_id(btf, btf__type_by_id(btf, (__u32)id)->type);
}

/* The kernel no longer does what the program is about. */
static bool is_outdated(const char *program, const struct btf *btf)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(before); i++) {
		if (!strcmp(before[i].program, program))
			return find_function(btf, before[i].function) != NULL;
	}
	return false;
}

static bool fits(const char *program, const struct btf_type *function)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(forms); i++) {
		if (!strcmp(forms[i].program, program))
			return forms[i].args == btf_vlen(function);
	}
	return true;
}

/* From BPF LSM to the function that calls the hooks. */
static int turn(struct bpf_program *program, const char *name, const struct btf_type *function)
{
	int r = bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);

	if (!r)
		r = bpf_program__set_expected_attach_type(
			program, function->type ? BPF_MODIFY_RETURN : BPF_TRACE_FENTRY);
	return r ?: bpf_program__set_attach_target(program, 0, name);
}

static int fit(struct bpf_program *program, const struct btf *btf, enum sbx_mechanism mechanism,
	       struct sbx_error *err)
{
	const char *section = bpf_program__section_name(program);
	const struct btf_type *function;
	char name[128];
	int r;

	if (!is_tracing(section))
		return 0;
	if (is_outdated(bpf_program__name(program), btf))
		return bpf_program__set_autoload(program, false);
	name_function(section, mechanism, name, sizeof(name));
	function = find_function(btf, name);
	if (!function && !is_optional(strchr(section, '/') + 1))
		return sbx_fail(err, ENOTSUP, "boot Linux 6.1 or newer",
				"this kernel lacks the function %s", name);
	if (!function || !fits(bpf_program__name(program), function))
		return bpf_program__set_autoload(program, false);
	if (mechanism != SBX_MECHANISM_FMOD_RET || !is_lsm(section))
		return 0;
	r = turn(program, name, function);
	return r ? sbx_fail(err, -r, NULL, "cannot bind %s to the function %s (%s)",
			    bpf_program__name(program), name, sbx_errno_name(r))
		 : 0;
}

int sbx_hooks_fit(struct bpf_object *object, enum sbx_mechanism mechanism, struct sbx_error *err)
{
	struct bpf_program *program;
	struct btf *btf;
	int r = 0;

	if (mechanism == SBX_MECHANISM_CGROUP) {
		bpf_object__for_each_program (program, object) {
			if (is_tracing(bpf_program__section_name(program)))
				(void)bpf_program__set_autoload(program, false);
		}
		return 0;
	}
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return sbx_fail(err, errno, NULL, "cannot read the kernel's type information (%s)",
				sbx_errno_name(errno));
	bpf_object__for_each_program (program, object) {
		if (!r)
			r = fit(program, btf, mechanism, err);
	}
	btf__free(btf);
	return r;
}
