// SPDX-License-Identifier: GPL-2.0-only
/* Programs that only some jobs need, and that every task of the host would pay for. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

/* Attaches and pins all that lies under `dir`/later; `ret_links`: how many programs that are. */
static int attach(const char *dir, __u32 *ret_links, struct sbx_error *err)
{
	sbx_cleanup(sbx_closedirp) DIR *entries = NULL;
	struct dirent *entry;
	char path[600];
	__u32 n = 0;

	(void)snprintf(path, sizeof(path), "%s/later", dir);
	entries = opendir(path);
	while (entries && (entry = readdir(entries))) {
		sbx_cleanup(sbx_closep) int program_fd = -1;
		sbx_cleanup(sbx_closep) int link_fd = -1;

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/later/%s", dir, entry->d_name);
		program_fd = bpf_obj_get(path);
		if (program_fd >= 0)
			link_fd = bpf_raw_tracepoint_open(NULL, program_fd); /* of any kind here */
		(void)snprintf(path, sizeof(path), "%s/links/%s", dir, entry->d_name);
		(void)unlink(path); /* of an attempt that did not come to its end */
		if (link_fd < 0 || bpf_obj_pin(link_fd, path))
			return sbx_fail(err, errno, NULL, "cannot attach %s (%s)", entry->d_name,
					sbx_errno_name(errno));
		n++;
	}
	if (!n)
		return sbx_fail(err, ENOENT, "sbx-bpf unload, then try again",
				"the engine \"%s\" lacks programs", dir);
	*ret_links = n;
	return 0;
}

int sbx_later_attach(struct sbx_engine *engine, struct sbx_error *err)
{
	struct sbx_meta meta;
	__u32 links = 0;
	int r;

	if (sbx_meta_read(engine, &meta))
		return sbx_fail(err, errno, NULL, "cannot read the engine's own map (%s)",
				sbx_errno_name(errno));
	if (meta.disk || !sbx_mechanism_judges_paths(engine->mechanism))
		return 0;
	r = attach(engine->pins, &links, err);
	if (r)
		return r;
	meta.disk = 1;
	meta.links += links;
	r = sbx_meta_write(engine, &meta);
	return r ? sbx_fail(err, errno, NULL, "cannot write the engine's own map (%s)",
			    sbx_errno_name(errno))
		 : 0;
}
