// SPDX-License-Identifier: GPL-2.0-only
/* ${NAME}, ${NAME:-default}, $$ and ~ in a policy's values.  Nothing else is ever looked at. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/parse.h"

#define VAR_NAME_MAX 64
#define VAR_UID_MAX 16 /* a 32-bit number and its end */

int sbx_text_fail(struct sbx_text_fault *fault, const char *code, const char *fmt, ...)
{
	va_list args;

	fault->code = code;
	va_start(args, fmt);
	(void)vsnprintf(fault->text, sizeof(fault->text), fmt, args); /* a cut text is a text */
	va_end(args);
	return -EINVAL;
}

static bool is_name_byte(char c, bool first)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_')
		return true;
	return !first && c >= '0' && c <= '9';
}

static size_t name_len(const char *text)
{
	size_t len = 0;

	while (is_name_byte(text[len], len == 0))
		len++;
	return len;
}

/* Values by --set, then the built-in ones; NULL: unknown. `uid` is room for ${UID}. */
static const char *var_find(const struct sbx_policy_vars *vars, const char *name, size_t len,
			    char uid[VAR_UID_MAX])
{
	const struct {
		const char *name;
		const char *value;
	} known[] = {
		{ "HOME", vars->home },
		{ "WORKDIR", vars->workdir },
		{ "TMPDIR", vars->tmpdir },
		{ "UID", uid },
	};

	for (size_t i = 0; vars->set && vars->set[i]; i++) {
		if (!strncmp(vars->set[i], name, len) && vars->set[i][len] == '=')
			return vars->set[i] + len + 1;
	}
	(void)snprintf(uid, VAR_UID_MAX, "%u", vars->uid); /* fits by its size */
	for (size_t i = 0; i < SBX_ARRAY_SIZE(known); i++) {
		if (strlen(known[i].name) == len && !strncmp(known[i].name, name, len))
			return known[i].value;
	}
	return NULL;
}

/* A value could smuggle a wildcard into a path that the policy's author never wrote. */
static int check_value(const char *name, size_t len, const char *value, bool path,
		       struct sbx_text_fault *fault)
{
	if (path && strchr(value, '*'))
		return sbx_text_fail(
			fault, "bad-variable",
			"the value of ${%.*s} holds `*`, which a path rule cannot name", (int)len,
			name);
	return 0;
}

/* One `${...}` at `text` (on the brace); appends its value and says where it ended. */
static int expand_one(const struct sbx_policy_vars *vars, const char *text, bool path,
		      struct sbx_buf *out, const char **ret_end, struct sbx_text_fault *fault)
{
	const char *name = text + 1;
	size_t len = name_len(name);
	const char *end = strchr(name, '}');
	const char *fallback = NULL;
	char uid[VAR_UID_MAX];
	const char *value;

	if (!end)
		return sbx_text_fail(fault, "bad-variable", "`${` without a closing `}`");
	if (name + len + 2 <= end && !strncmp(name + len, ":-", 2))
		fallback = name + len + 2;
	if (!len || len > VAR_NAME_MAX || (!fallback && name + len != end))
		return sbx_text_fail(fault, "bad-variable",
				     "`${...}` takes a name, as in ${NAME} or ${NAME:-default}");
	*ret_end = end + 1;
	value = var_find(vars, name, len, uid);
	if (value && (*value || !fallback)) {
		sbx_buf_puts(out, value);
		return check_value(name, len, value, path, fault);
	}
	if (!fallback)
		return sbx_text_fail(fault, "unknown-variable",
				     "${%.*s} is not set: write ${%.*s:-default}, or run with "
				     "--set %.*s=VALUE",
				     (int)len, name, (int)len, name, (int)len, name);
	sbx_buf_add(out, fallback, (size_t)(end - fallback));
	return 0;
}

/* A leading ~ is the job user's home; ~name is nobody's. */
static int expand_home(const struct sbx_policy_vars *vars, const char **text, struct sbx_buf *out,
		       struct sbx_text_fault *fault)
{
	if (**text != '~')
		return 0;
	if ((*text)[1] && (*text)[1] != '/')
		return sbx_text_fail(fault, "bad-path",
				     "`~` stands for the job user's home only: write the path out");
	if (!vars->home)
		return sbx_text_fail(fault, "unknown-variable", "`~`: the job's user has no home");
	sbx_buf_puts(out, vars->home);
	++*text;
	return check_value("HOME", 4, vars->home, true, fault);
}

int sbx_vars_expand(const struct sbx_policy_vars *vars, const char *text, bool path,
		    char **ret_text, bool *ret_expanded, struct sbx_text_fault *fault)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf out = { 0 };
	bool expanded = path && *text == '~';
	int r = path ? expand_home(vars, &text, &out, fault) : 0;

	while (!r && *text) {
		size_t plain = strcspn(text, "$");

		sbx_buf_add(&out, text, plain);
		text += plain;
		if (!*text)
			break;
		if (text[1] == '$') {
			sbx_buf_putc(&out, '$');
			text += 2;
		} else if (text[1] == '{') {
			expanded = true;
			r = expand_one(vars, text + 1, path, &out, &text, fault);
		} else {
			r = sbx_text_fail(fault, "bad-variable",
					  "a variable is written ${NAME}; for a dollar sign "
					  "itself write $$");
		}
	}
	if (r)
		return r;
	r = sbx_buf_take(&out, ret_text);
	if (!r && ret_expanded)
		*ret_expanded = expanded;
	return r;
}
