// SPDX-License-Identifier: GPL-2.0-only
/* What this host offers: facts first, and then what every mechanism needs and is not there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/engine.h"
#include "lib/cleanup.h"
#include "lib/file.h"

/* The first mount point of a filesystem type, or "". */
static void find_mount(const char *type, char *ret_path, size_t size)
{
	sbx_cleanup(sbx_fclosep) FILE *mounts = fopen("/proc/self/mounts", "re");
	char line[4096], path[512], name[64];

	ret_path[0] = '\0';
	while (mounts && fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%*s %511s %63s", path, name) != 2 || strcmp(name, type))
			continue;
		if (strlen(path) < size)
			memcpy(ret_path, path, strlen(path) + 1);
		return;
	}
}

/* One line of a small file, without its newline. */
static bool read_line(const char *path, char *ret_line, size_t size)
{
	sbx_cleanup(sbx_freep) char *text = NULL;

	ret_line[0] = '\0';
	if (sbx_file_read(path, &text, NULL))
		return false;
	text[strcspn(text, "\n")] = '\0';
	if (strlen(text) >= size)
		text[size - 1] = '\0';
	memcpy(ret_line, text, strlen(text) + 1);
	return true;
}

/* True when `word` is an element of a comma- or space-separated list. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word)) {
		bool start = at == list || strchr(", [", at[-1]);
		bool end = !at[len] || strchr(", ]\n", at[len]);

		if (start && end)
			return true;
	}
	return false;
}

static bool has_privilege(void)
{
	cap_flag_value_t admin = CAP_CLEAR, bpf = CAP_CLEAR;
	cap_t caps = cap_get_proc();

	if (!caps)
		return false;
	(void)cap_get_flag(caps, CAP_SYS_ADMIN, CAP_EFFECTIVE, &admin);
	(void)cap_get_flag(caps, CAP_BPF, CAP_EFFECTIVE, &bpf);
	(void)cap_free(caps);
	return admin == CAP_SET && bpf == CAP_SET;
}

int sbx_probe_host(struct sbx_probe *ret_probe)
{
	struct sbx_probe probe = { .trampolines = 1 };
	struct utsname names;
	char lockdown[64], path[256];

	if (!uname(&names))
		(void)snprintf(probe.release, sizeof(probe.release), "%s", names.release);
	probe.root = has_privilege();
	probe.btf = !access("/sys/kernel/btf/vmlinux", R_OK);
	probe.lsm_known = read_line("/sys/kernel/security/lsm", probe.lsm, sizeof(probe.lsm));
	probe.bpf_in_lsm = has_word(probe.lsm, "bpf");
	if (read_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown)))
		probe.lockdown = !strstr(lockdown, "[none]");
	find_mount("cgroup2", probe.cgroup2, sizeof(probe.cgroup2));
	find_mount("bpf", probe.bpffs, sizeof(probe.bpffs));
	if (probe.cgroup2[0]) {
		(void)snprintf(path, sizeof(path), "%s/cgroup.controllers", probe.cgroup2);
		(void)read_line(path, probe.controllers, sizeof(probe.controllers));
	}
	sbx_probe_preempt(&probe);
	*ret_probe = probe;
	return 0;
}

int sbx_probe_require(const struct sbx_probe *probe, struct sbx_error *err)
{
	if (!probe->root)
		return sbx_fail(err, EPERM, "run it as root",
				"sbx-bpf needs CAP_SYS_ADMIN and CAP_BPF to load its engine");
	if (!probe->btf)
		return sbx_fail(err, ENOTSUP,
				"boot a kernel built with CONFIG_DEBUG_INFO_BTF=y (stock Debian, "
				"Ubuntu and Fedora kernels are)",
				"the kernel %s has no type information: /sys/kernel/btf/vmlinux "
				"cannot be read",
				probe->release);
	if (!probe->cgroup2[0])
		return sbx_fail(err, ENOTSUP, "mount -t cgroup2 none /sys/fs/cgroup",
				"no cgroup2 filesystem is mounted (/proc/self/mounts names none)");
	return 0;
}
