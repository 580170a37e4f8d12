/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the tests of user/audit: a compiled policy made by hand, events, and a log in a scratch
 * directory.  Every function is inline, as no test uses all of them.
 */
#ifndef SBX_AUDIT_FIXTURE_H
#define SBX_AUDIT_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/audit.h"
#include "lib/cleanup.h"

#define FIXTURE_NODES 24
#define FIXTURE_SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Nodes: 16 "/etc" (allow read), 17 "/etc/shadow" (deny read); rules: 0 network, 1 and 2 theirs. */
static inline const struct sbx_compiled *fixture_compiled(void)
{
	static char etc[] = "allow ro /etc";
	static char shadow[] = "deny read /etc/shadow";
	static char net[] = "allow out 10.0.0.0/8";
	static char mount[] = "guards.mount: kill";
	static char fs_default[] = "default: deny";
	static char net_default[] = "mode: filtered";
	static struct sbx_rule_ref rules[] = {
		{ { "strict.yaml", 31, 5 }, net }, /* network rules come first */
		{ { "strict.yaml", 12, 5 }, etc },
		{ { "strict.yaml", 14, 5 }, shadow },
	};
	static struct sbx_node nodes[FIXTURE_NODES];
	static struct sbx_compiled compiled;

	for (size_t i = 0; i < FIXTURE_NODES; i++) {
		for (size_t bit = 0; bit < SBX_RIGHTS_MAX; bit++)
			nodes[i].rule[bit] = -1;
	}
	nodes[16].parent = SBX_NODE_ROOT;
	nodes[16].allow = SBX_RIGHT_READ;
	nodes[16].rule[0] = 1;
	nodes[17].parent = 16;
	nodes[17].deny = SBX_RIGHT_READ;
	nodes[17].rule[0] = 2;
	compiled.nodes = nodes;
	compiled.n_nodes = FIXTURE_NODES;
	compiled.rules = rules;
	compiled.n_rules = SBX_ARRAY_SIZE(rules);
	compiled.n_net_rules = 1;
	compiled.guards[SBX_GUARD_MOUNT].place = (struct sbx_place){ "strict.yaml", 40, 3 };
	compiled.guards[SBX_GUARD_MOUNT].text = mount;
	compiled.fs_default = (struct sbx_rule_ref){ { "strict.yaml", 10, 3 }, fs_default };
	compiled.net_default = (struct sbx_rule_ref){ { "strict.yaml", 20, 3 }, net_default };
	compiled.job.mode = SBX_MODE_ENFORCE;
	compiled.job.guards[SBX_GUARD_MOUNT] = SBX_ACTION_KILL;
	return &compiled;
}

static inline struct sbx_audit_options fixture_options(const char *path)
{
	return (struct sbx_audit_options){
		.path = path,
		.job = "build-7",
		.chain = true,
		.compiled = fixture_compiled(),
		.policy_name = "strict",
		.policy_sha256 = FIXTURE_SHA,
		.cgroup_path = "/sys/fs/cgroup/sbx-bpf/build-7",
	};
}

/* A refused read of `path`, which is `len` bytes of anything.  Free it. */
static inline struct sbx_event *fixture_event(__u64 seq, const char *path, size_t len,
					      size_t *ret_size)
{
	struct sbx_event *event = calloc(1, sizeof(*event) + len + 1);

	assert_non_null(event);
	event->seq = seq;
	event->time = 1000000000ull * 3600 + seq * 1000;
	event->job = 1;
	event->pid = 100;
	event->tid = 101;
	event->ppid = 99;
	event->uid = 1000;
	event->gid = 1001;
	event->node = 17;
	event->rights = SBX_RIGHT_READ;
	event->wanted = SBX_RIGHT_READ;
	event->op = SBX_OP_OPEN;
	event->reason = SBX_REASON_RULE;
	event->verdict = SBX_VERDICT_DENIED;
	event->rule = SBX_RULE_NONE;
	event->object = SBX_OBJECT_PATH;
	event->error = EACCES;
	event->path_len = (__u16)len;
	event->exe_len = 12;
	memcpy(event->comm, "cat", 4);
	memcpy(event->exe, "/usr/bin/cat", 12);
	memcpy(event->path, path, len);
	*ret_size = sizeof(*event) + len;
	return event;
}

static inline struct sbx_event *fixture_shadow(__u64 seq, size_t *ret_size)
{
	return fixture_event(seq, "/etc/shadow", 11, ret_size);
}

/* The same act, on an address; `addr` as text. */
static inline struct sbx_event *fixture_connect(__u64 seq, const char *addr, __u16 port,
						size_t *ret_size)
{
	struct sbx_event *event = fixture_event(seq, "", 0, ret_size);

	event->op = SBX_OP_CONNECT;
	event->object = SBX_OBJECT_ADDRESS;
	event->rights = 0;
	event->node = 0;
	event->obj.address.port = port;
	event->obj.address.sock_type = SOCK_STREAM;
	if (strchr(addr, ':')) {
		event->obj.address.family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, addr, event->obj.address.addr), 1);
	} else {
		event->obj.address.family = AF_INET;
		memset(event->obj.address.addr + 10, 0xff, 2);
		assert_int_equal(inet_pton(AF_INET, addr, event->obj.address.addr + 12), 1);
	}
	return event;
}

static inline struct sbx_event *fixture_mount(__u64 seq, size_t *ret_size)
{
	struct sbx_event *event = fixture_event(seq, "/mnt", 4, ret_size);

	event->op = SBX_OP_MOUNT;
	event->guard = SBX_GUARD_MOUNT;
	event->reason = SBX_REASON_GUARD;
	event->verdict = SBX_VERDICT_KILLED;
	event->rights = 0;
	event->error = EPERM;
	return event;
}

/* A path in a directory of its own; remove both with fixture_remove. */
static inline void fixture_path(char *path, size_t size)
{
	char dir[] = "/tmp/sbx-audit-XXXXXX";

	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, size, "%s/job.jsonl", dir);
}

static inline void fixture_remove(char *path)
{
	(void)unlink(path); /* a test may have removed it */
	*strrchr(path, '/') = '\0';
	assert_int_equal(rmdir(path), 0);
}

static inline char *fixture_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 4 * 1024 * 1024);

	assert_non_null(file);
	assert_non_null(text);
	(void)fread(text, 1, 4 * 1024 * 1024 - 1, file);
	(void)fclose(file);
	return text;
}

static inline void fixture_write(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static inline struct sbx_audit_log *fixture_start(const struct sbx_audit_options *options)
{
	char *command[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ "cat /etc/shadow" },
			    NULL };
	json_t *isolation = json_pack("{s:s}", "files", "lsm");
	struct sbx_audit_log *log = NULL;
	struct sbx_error err = { 0 };

	if (sbx_audit_open(options, &log, &err) || sbx_audit_start(log, command, isolation, &err))
		fail_msg("%s", err.text);
	json_decref(isolation);
	return log;
}

static inline void fixture_put(struct sbx_audit_log *log, __u64 seq)
{
	size_t size;
	struct sbx_event *event = fixture_shadow(seq, &size);

	sbx_audit_event(log, event, size);
	free(event);
}

static inline int fixture_end(struct sbx_audit_log *log, __u64 seq, __u64 limited)
{
	struct sbx_job_state state = { .seq = seq, .refused = seq + limited, .limited = limited };
	json_t *result = json_pack("{s:s, s:b}", "schema", SBX_RESULT_SCHEMA, "success", 0);
	int r;

	sbx_audit_flush(log, &state, true);
	r = sbx_audit_end(log, result, &state);
	json_decref(result);
	sbx_audit_close(log);
	return r;
}

#endif /* SBX_AUDIT_FIXTURE_H */
