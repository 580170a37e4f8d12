// SPDX-License-Identifier: GPL-2.0-only
/* A rule's path: checked, normalised, told apart by its wildcards. */
#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/parse.h"

#define NAME_BYTES_MAX 255 /* NAME_MAX: no file's name is longer */
#define EXT_BYTES_MAX 7	   /* sbx_job.any_exts and the kernel's one-word look-up */

enum sbx_path_kind sbx_path_kind(const char *path)
{
	if (strncmp(path, "**/", 3))
		return SBX_PATH_PLAIN;
	return strncmp(path + 3, "*.", 2) ? SBX_PATH_ANY_NAME : SBX_PATH_ANY_EXT;
}

/* `**`-slash-something: one name, or an extension. */
static int normalise_any(const char *path, struct sbx_buf *out, struct sbx_text_fault *fault)
{
	const char *name = path + 3;
	size_t len = strlen(name);
	const char *ext = strncmp(name, "*.", 2) ? NULL : name + 2;

	if (!len || !strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "*"))
		return sbx_text_fail(fault, "wildcard", "`%s`: a name must follow `**/`", path);
	if (strchr(name, '/'))
		return sbx_text_fail(fault, "unsupported",
				     "`%s` is not supported by this version: `**/` takes one name",
				     path);
	if (len > NAME_BYTES_MAX)
		return sbx_text_fail(fault, "bad-path", "a name of %zu bytes, the limit is %d", len,
				     NAME_BYTES_MAX);
	if (strchr(ext ? ext : name, '*') || (ext && strchr(ext, '.')))
		return sbx_text_fail(fault, "unsupported",
				     "`%s` is not supported by this version: write `**/name` or "
				     "`**/*.ext`",
				     path);
	if (ext && (!*ext || strlen(ext) > EXT_BYTES_MAX))
		return sbx_text_fail(fault, "wildcard", "`%s`: an extension has 1 to %d bytes",
				     path, EXT_BYTES_MAX);
	sbx_buf_puts(out, path);
	return 0;
}

/* A wildcard that is not a whole `*`: says what to write instead. */
static int refuse_star(const char *path, const char *name, size_t len, struct sbx_text_fault *fault)
{
	if (len == 2 && !strncmp(name, "**", 2) && !name[2])
		return sbx_text_fail(fault, "wildcard",
				     "`%s`: a rule covers all that lies below its path, so leave "
				     "out the `/**`",
				     path);
	if (len == 2 && !strncmp(name, "**", 2))
		return sbx_text_fail(fault, "unsupported",
				     "`%s` is not supported by this version: `**` can only stand "
				     "first, as in `**/name`",
				     path);
	return sbx_text_fail(fault, "unsupported",
			     "`%.*s` is not supported by this version: `*` stands for a whole "
			     "component only",
			     (int)len, name);
}

static int check_name(const char *path, const char *name, size_t len, struct sbx_text_fault *fault)
{
	if (len == 2 && !strncmp(name, "..", 2))
		return sbx_text_fail(fault, "bad-path", "`%s`: `..` cannot stand in a rule", path);
	if (len > NAME_BYTES_MAX)
		return sbx_text_fail(fault, "bad-path", "a name of %zu bytes, the limit is %d", len,
				     NAME_BYTES_MAX);
	if (len > 1 && memchr(name, '*', len))
		return refuse_star(path, name, len, fault);
	return 0;
}

/* /proc/self is a link to whoever looks; `@self` means the same for a job. */
static const char *self_name(const struct sbx_buf *out, const char *name, size_t *len)
{
	if (out->len != 5 || memcmp(out->text, "/proc", 5))
		return name;
	if (*len != 4 || memcmp(name, "self", 4))
		return name;
	*len = 5;
	return "@self";
}

static int normalise_plain(const char *path, struct sbx_buf *out, struct sbx_text_fault *fault)
{
	size_t depth = 0;

	for (const char *name = path; *name;) {
		size_t len = strcspn(name, "/");
		const char *next = name + len + (name[len] == '/');
		int r;

		if (!len || (len == 1 && *name == '.')) {
			name = next;
			continue;
		}
		r = check_name(path, name, len, fault);
		if (r)
			return r;
		if (++depth > SBX_DEPTH_MAX)
			return sbx_text_fail(fault, "bad-path",
					     "the path has more than %d components", SBX_DEPTH_MAX);
		name = self_name(out, name, &len);
		sbx_buf_putc(out, '/');
		sbx_buf_add(out, name, len);
		name = next;
	}
	if (!depth)
		sbx_buf_putc(out, '/');
	return 0;
}

int sbx_path_normalise(const char *path, char **ret_path, struct sbx_text_fault *fault)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf out = { 0 };
	int r;

	if (!*path)
		return sbx_text_fail(fault, "bad-path", "the path is empty");
	if (strlen(path) >= SBX_PATH_MAX)
		return sbx_text_fail(fault, "bad-path", "the path has %zu bytes, the limit is %d",
				     strlen(path), SBX_PATH_MAX - 1);
	if (!strncmp(path, "/**/", 4))
		path++;
	if (!strncmp(path, "**/", 3))
		r = normalise_any(path, &out, fault);
	else if (*path == '/')
		r = normalise_plain(path, &out, fault);
	else
		r = sbx_text_fail(fault, "bad-path",
				  "`%s`: a path starts with `/`, `~`, `**/` or a variable such as "
				  "${WORKDIR}",
				  path);
	return r ? r : sbx_buf_take(&out, ret_path);
}
