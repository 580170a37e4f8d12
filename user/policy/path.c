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
	return !strncmp(path, "**/", 3) || strstr(path, "/**/") ? SBX_PATH_ANY : SBX_PATH_PLAIN;
}

/* What has been read of a path so far. */
struct reading {
	const char *path; /* as written, for messages */
	size_t depth;
	bool any;   /* a `**` stands on the way */
	bool after; /* the last component was `**` */
};

/* `*.ext`, which is the last component and stands after a `**`. */
static int check_ext(const struct reading *r, const char *name, size_t len,
		     struct sbx_text_fault *fault)
{
	const char *ext = name + 2;

	len -= 2;
	if (!r->any || name[len + 2] || memchr(ext, '*', len) || memchr(ext, '.', len))
		return sbx_text_fail(fault, "unsupported",
				     "`%.*s` is not supported by this version: `*` stands for a "
				     "whole component; an ending is written `**/*.ext`, and stands "
				     "last",
				     (int)len + 2, name);
	if (!len || len > EXT_BYTES_MAX)
		return sbx_text_fail(fault, "wildcard", "`%s`: an extension has 1 to %d bytes",
				     r->path, EXT_BYTES_MAX);
	return 0;
}

/* A component with a `*` in it. */
static int check_star(const struct reading *r, const char *name, size_t len,
		      struct sbx_text_fault *fault)
{
	bool last = !name[len];

	if (len == 1 && r->after)
		return sbx_text_fail(fault, "wildcard", "`%s`: a name must follow `**/`", r->path);
	if (len == 1)
		return 0;
	if (len == 2 && name[1] == '*' && last && r->depth)
		return sbx_text_fail(fault, "wildcard",
				     "`%s`: a rule covers all that lies below its path, so leave "
				     "out the `/**`",
				     r->path);
	if (len == 2 && name[1] == '*')
		return 0;
	if (*name == '*' && name[1] == '.')
		return check_ext(r, name, len, fault);
	return sbx_text_fail(fault, "unsupported",
			     "`%.*s` is not supported by this version: `*` stands for a whole "
			     "component; an ending is written `**/*.ext`, and stands last",
			     (int)len, name);
}

static int check_name(const struct reading *r, const char *name, size_t len,
		      struct sbx_text_fault *fault)
{
	if (len == 2 && !strncmp(name, "..", 2))
		return sbx_text_fail(fault, "bad-path", "`%s`: `..` cannot stand in a rule",
				     r->path);
	if (len > NAME_BYTES_MAX)
		return sbx_text_fail(fault, "bad-path", "a name of %zu bytes, the limit is %d", len,
				     NAME_BYTES_MAX);
	if (memchr(name, '*', len))
		return check_star(r, name, len, fault);
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

/* Adds a component that was found to be right; a `**` after a `**` says nothing new. */
static void put_name(struct reading *r, struct sbx_buf *out, const char *name, size_t len)
{
	bool any = len == 2 && !strncmp(name, "**", 2);

	r->depth++;
	if (any && r->after)
		return;
	r->any |= any;
	r->after = any;
	if (!any)
		name = self_name(out, name, &len);
	sbx_buf_putc(out, '/');
	sbx_buf_add(out, name, len);
}

static int normalise(const char *path, struct sbx_buf *out, struct sbx_text_fault *fault)
{
	struct reading reading = { .path = path };

	for (const char *name = path; *name;) {
		size_t len = strcspn(name, "/");
		const char *next = name + len + (name[len] == '/');
		int r;

		if (!len || (len == 1 && *name == '.')) {
			name = next;
			continue;
		}
		r = check_name(&reading, name, len, fault);
		if (r)
			return r;
		put_name(&reading, out, name, len);
		if (reading.depth > SBX_DEPTH_MAX)
			return sbx_text_fail(fault, "bad-path",
					     "the path has more than %d components", SBX_DEPTH_MAX);
		name = next;
	}
	if (reading.after)
		return sbx_text_fail(fault, "wildcard", "`%s`: a name must follow `**/`", path);
	if (reading.any && out->len > 11 && !memcmp(out->text, "/proc/@self", 11))
		return sbx_text_fail(fault, "unsupported",
				     "`%s` is not supported by this version: no `**` below "
				     "/proc/self",
				     path);
	if (!reading.depth)
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
	if (*path == '/' || !strncmp(path, "**/", 3))
		r = normalise(path, &out, fault);
	else
		r = sbx_text_fail(fault, "bad-path",
				  "`%s`: a path starts with `/`, `~`, `**/` or a variable such as "
				  "${WORKDIR}",
				  path);
	if (!r && out.text && !strncmp(out.text, "/**/", 4))
		memmove(out.text, out.text + 1, out.len--); /* its NUL, too */
	return r ? r : sbx_buf_take(&out, ret_path);
}
