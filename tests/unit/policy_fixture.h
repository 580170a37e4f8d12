/* SPDX-License-Identifier: GPL-2.0-only */
/* What the policy tests share: a text in, a model or a compiled policy or a fault's code out. */
#ifndef POLICY_FIXTURE_H
#define POLICY_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/cleanup.h"
#include "lib/diag.h"
#include "policy/address.h"
#include "policy/compile.h"
#include "policy/policy.h"

#define HEAD "version: 1\n"

struct fixture {
	struct sbx_policy *policy;
	struct sbx_compiled *compiled;
	struct sbx_diags diags;
};

static const struct sbx_policy_vars fixture_vars = {
	.home = "/home/me",
	.workdir = "/work",
	.tmpdir = "/tmp",
	.uid = 1000,
};

static inline void fixture_free(struct fixture *f)
{
	sbx_compiled_free(f->compiled);
	sbx_policy_free(f->policy);
	sbx_diags_free(&f->diags);
}

#define FIXTURE __attribute__((cleanup(fixture_free))) struct fixture

static inline int fixture_parse(struct fixture *f, const char *text)
{
	return sbx_policy_parse("t.yaml", text, strlen(text), &fixture_vars, &f->policy, &f->diags);
}

static inline int fixture_compile_with(struct fixture *f, const char *text, sbx_resolve_fn resolve)
{
	int r = fixture_parse(f, text);

	if (!r)
		r = sbx_policy_compile(f->policy, resolve, NULL, &f->compiled, &f->diags);
	return r;
}

/* Parses and compiles a policy that has no fault; shows the faults if it has. */
static inline struct fixture fixture_good(const char *text)
{
	struct fixture f = { 0 };

	if (fixture_compile_with(&f, text, NULL)) {
		sbx_diags_print(&f.diags, stdout, false);
		fail_msg("does not compile:\n%s", text);
	}
	return f;
}

/* The text has a fault of this code, at this place. */
static inline void assert_fault(const char *text, const char *code, unsigned int line,
				unsigned int column)
{
	FIXTURE f = { 0 };
	int r = fixture_compile_with(&f, text, NULL);
	bool found = false;

	for (size_t i = 0; i < f.diags.n; i++) {
		const struct sbx_diag *diag = &f.diags.items[i];

		found |= !strcmp(diag->code, code) && diag->line == line && diag->column == column;
	}
	if (!found || r != -EINVAL) {
		sbx_diags_print(&f.diags, stdout, false);
		fail_msg("wanted [%s] at %u:%u and -EINVAL, got %d", code, line, column, r);
	}
}

static inline void assert_rights(const struct fixture *f, const char *path, unsigned int rights)
{
	char got[128], wanted[128];
	__u16 found = sbx_compiled_path(f->compiled, path);

	if (found != rights)
		fail_msg("%s: %s, wanted %s", path, sbx_rights_format(found, got, sizeof(got)),
			 sbx_rights_format(rights, wanted, sizeof(wanted)));
}

static inline bool connects(const struct fixture *f, const char *address, __u8 proto, __u16 port)
{
	__u8 addr[16];

	assert_int_equal(sbx_address_parse(address, addr), 0);
	return sbx_compiled_address(f->compiled, SBX_DIR_OUT, addr, proto, port, NULL);
}

static inline bool listens(const struct fixture *f, const char *address, __u8 proto, __u16 port)
{
	__u8 addr[16];

	assert_int_equal(sbx_address_parse(address, addr), 0);
	return sbx_compiled_address(f->compiled, SBX_DIR_LISTEN, addr, proto, port, NULL);
}

#define RO (SBX_RIGHT_READ | SBX_RIGHT_LIST)
#define RX (RO | SBX_RIGHT_EXEC)
#define RW (RO | SBX_RIGHT_WRITE | SBX_RIGHT_CREATE | SBX_RIGHT_DELETE | SBX_RIGHT_ATTR)
#define RWX (RW | SBX_RIGHT_EXEC | SBX_RIGHT_CONNECT)

#endif /* POLICY_FIXTURE_H */
