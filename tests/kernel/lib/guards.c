// SPDX-License-Identifier: GPL-2.0-only
#include "lib/guards.h"

#include <sys/prctl.h>

#define ROWS_MAX 24

void check_guard(const char *guard, const char *more, const struct row *rows,
		 const char *const *allowed, size_t n)
{
	struct row twins[ROWS_MAX] = { 0 };

	assert_true(n <= ROWS_MAX);
	check_rows(text("%s%sguards: {default: allow, %s: deny}\n", POLICY_OPEN, more, guard), rows,
		   n);
	for (size_t i = 0; i < n; i++)
		twins[i] =
			(struct row){ .act = rows[i].act, .result = allowed ? allowed[i] : "ok" };
	check_rows(text("%s%sguards: {default: deny, %s: allow}\n", POLICY_OPEN, more, guard),
		   twins, n);
}

void begin_victim(void)
{
	char name[17] = "";

	(void)make_victim();
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	set_var("COMM", "%s", name);
}
