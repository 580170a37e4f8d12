/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A question about a policy as a person writes it: "read /etc/shadow", "connect tcp 1.2.3.4:443",
 * "resolve example.com".
 */
#ifndef SBX_QUERY_H
#define SBX_QUERY_H

#include "lib/error.h"
#include "policy/compile.h"

/* The forms, for help and messages. */
#define SBX_QUERY_FORMS                                                            \
	"RIGHT[+RIGHT...] PATH, connect|send|bind|listen [tcp|udp] ADDRESS:PORT, " \
	"connect|send [tcp|udp] NAME:PORT, resolve NAME, "                         \
	"socket FAMILY [stream|dgram|raw], or the name of a guard"

/*
 * Reads a question into the event that a refusal of it would be: operation, object, and in
 * `wanted` the rights asked for.  A relative path starts at vars->workdir, `~` is vars->home;
 * `resolve` (may be NULL) follows its symbolic links, as the kernel would.
 * 0 and the event with its size (free()), -EINVAL with `err`, -ENOMEM.
 */
int sbx_query_parse(const char *text, const struct sbx_policy_vars *vars, sbx_resolve_fn resolve,
		    void *ctx, struct sbx_event **ret_event, size_t *ret_size,
		    struct sbx_error *err);

/* The event of a question about `path` (any bytes). NULL: no memory. */
struct sbx_event *sbx_query_path(const char *path, size_t len, __u32 rights, size_t *ret_size);

#endif /* SBX_QUERY_H */
