// SPDX-License-Identifier: GPL-2.0-only
/* Questions about a policy: text to the event that a refusal would be. */
#include "policy/query.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "policy/address.h"
#include "policy/domain.h"
#include "policy/units.h"

#define WORDS_MAX 4
#define PORT_MAX 65535

struct question {
	const char *text;
	char *words[WORDS_MAX]; /* of one copy of the text */
	size_t n;
	struct sbx_error *err;
};

static int bad(const struct question *q, const char *what, const char *word)
{
	return sbx_fail(q->err, EINVAL, "ask: " SBX_QUERY_FORMS, "\"%.200s\": %s \"%.200s\"",
			q->text, what, word);
}

static struct sbx_event *event_new(size_t path_len, size_t *ret_size)
{
	struct sbx_event *event = calloc(1, sizeof(*event) + path_len + 1);

	if (!event)
		return NULL;
	event->rule = SBX_RULE_NONE;
	event->reason = SBX_REASON_RULE;
	event->verdict = SBX_VERDICT_DENIED;
	event->path_len = (__u16)path_len;
	*ret_size = sizeof(*event) + path_len;
	return event;
}

/* What a program does to need a right, for words and advice. */
static __u16 op_of_rights(__u32 rights)
{
	if (rights & SBX_RIGHT_EXEC)
		return SBX_OP_EXEC;
	if (rights & SBX_RIGHT_CONNECT)
		return SBX_OP_UNIX_CONNECT;
	if (rights & SBX_RIGHT_CREATE)
		return SBX_OP_CREATE;
	if (rights & SBX_RIGHT_DELETE)
		return SBX_OP_UNLINK;
	if (rights & SBX_RIGHT_ATTR)
		return SBX_OP_CHMOD;
	return SBX_OP_OPEN;
}

struct sbx_event *sbx_query_path(const char *path, size_t len, __u32 rights, size_t *ret_size)
{
	struct sbx_event *event = event_new(len, ret_size);

	if (!event)
		return NULL;
	event->object = SBX_OBJECT_PATH;
	event->op = op_of_rights(rights);
	event->wanted = rights;
	memcpy(event->path, path, len);
	return event;
}

/* "read+list" as a mask, or -EINVAL. */
static int parse_rights(char *text)
{
	char *save = NULL;
	int rights = 0;

	for (char *word = strtok_r(text, "+,", &save); word; word = strtok_r(NULL, "+,", &save)) {
		int one = sbx_rights_from_str(word);

		if (one < 0)
			return one;
		rights |= one;
	}
	return rights ? rights : -EINVAL;
}

/* Absolute, with links followed; /proc/self means the job's own processes, as in a policy. */
static int make_path(const char *word, const struct sbx_policy_vars *vars, sbx_resolve_fn resolve,
		     void *ctx, char *buf, size_t size)
{
	char absolute[SBX_PATH_MAX];
	int n;

	if (*word == '~' && (!word[1] || word[1] == '/'))
		n = snprintf(absolute, sizeof(absolute), "%s%s", vars->home, word + 1);
	else if (*word == '/')
		n = snprintf(absolute, sizeof(absolute), "%s", word);
	else
		n = snprintf(absolute, sizeof(absolute), "%s/%s", vars->workdir, word);
	if (n >= (int)sizeof(absolute))
		return -ENAMETOOLONG;
	if (!strncmp(absolute, "/proc/self", 10) && (!absolute[10] || absolute[10] == '/'))
		n = snprintf(buf, size, "/proc/@self%s", absolute + 10);
	else if (!resolve || resolve(absolute, buf, size, ctx))
		n = snprintf(buf, size, "%s", absolute);
	return n >= (int)size ? -ENAMETOOLONG : 0;
}

static int ask_path(const struct question *q, const char *word, const struct sbx_policy_vars *vars,
		    sbx_resolve_fn resolve, void *ctx, struct sbx_event **ret_event,
		    size_t *ret_size)
{
	int rights = parse_rights(q->words[0]);
	char path[SBX_PATH_MAX];

	if (rights < 0)
		return bad(q, "no right is called", q->words[0]);
	if (make_path(word, vars, resolve, ctx, path, sizeof(path)))
		return bad(q, "too long a path:", word);
	*ret_event = sbx_query_path(path, strlen(path), (__u32)rights, ret_size);
	return *ret_event ? 0 : -ENOMEM;
}

/* An event about a name, which stands behind it as DNS messages have it: labels with lengths. */
static int ask_name(const struct question *q, const char *text, struct sbx_event **ret_event,
		    size_t *ret_size)
{
	sbx_cleanup(sbx_freep) char *name = NULL;
	const char *fault = "a wildcard is no name";
	struct sbx_event *event;
	size_t len, at = 0;
	int r = *text == '*' ? -EINVAL : sbx_domain_normalise(text, &name, &fault);

	if (r)
		return r == -ENOMEM ? r : bad(q, fault, text);
	len = strlen(name) + 2; /* a length before each label, and none at the end */
	event = event_new(len, ret_size);
	if (!event)
		return -ENOMEM;
	event->op = SBX_OP_DNS;
	event->object = SBX_OBJECT_ADDRESS;
	event->obj.address.family = AF_INET;
	for (const char *label = name; *label; label += strspn(label, ".")) {
		size_t n = strcspn(label, ".");

		event->path[at] = (char)n;
		memcpy(event->path + at + 1, label, n);
		at += n + 1;
		label += n;
	}
	*ret_event = event;
	return 0;
}

/* "10.0.0.1:443", "[::1]:443", "example.com:443": the event of it, with address and port. */
static int parse_endpoint(const struct question *q, char *text, struct sbx_event **ret_event,
			  size_t *ret_size)
{
	char *colon = strrchr(text, ':');
	struct sbx_event *event = NULL;
	bool is_address;
	__u8 addr[16];
	__u64 port;
	int r = 0;

	if (!colon || sbx_units_number(colon + 1, &port) || port > PORT_MAX)
		return bad(q, "no ADDRESS:PORT or NAME:PORT:", text);
	*colon = '\0';
	if (*text == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		text++;
	}
	is_address = !sbx_address_parse(text, addr);
	if (is_address)
		event = event_new(0, ret_size);
	else if (!strpbrk(text, ".") || strspn(text, "0123456789.") == strlen(text))
		return bad(q, "neither an address nor a name:", text);
	else
		r = ask_name(q, text, &event, ret_size);
	if (r || !event)
		return r ? r : -ENOMEM;
	if (is_address) {
		memcpy(event->obj.address.addr, addr, sizeof(addr));
		event->obj.address.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	}
	event->object = SBX_OBJECT_ADDRESS;
	event->obj.address.port = (__u16)port;
	*ret_event = event;
	return 0;
}

/* Without ports: "10.0.0.1". */
static int parse_host(const struct question *q, const char *text, struct sbx_event **ret_event,
		      size_t *ret_size)
{
	struct sbx_event *event;
	__u8 addr[16];

	if (sbx_address_parse(text, addr))
		return bad(q, "not an address:", text);
	event = event_new(0, ret_size);
	if (!event)
		return -ENOMEM;
	memcpy(event->obj.address.addr, addr, sizeof(addr));
	event->object = SBX_OBJECT_ADDRESS;
	event->obj.address.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	*ret_event = event;
	return 0;
}

static int ask_address(const struct question *q, __u16 op, struct sbx_event **ret_event,
		       size_t *ret_size)
{
	static const struct {
		const char *word;
		__u16 protocol;
		__u16 type;
	} protocols[] = {
		{ "tcp", IPPROTO_TCP, SOCK_STREAM },
		{ "udp", IPPROTO_UDP, SOCK_DGRAM },
		{ "udplite", IPPROTO_UDPLITE, SOCK_DGRAM },
		{ "icmp", IPPROTO_ICMP, SOCK_DGRAM },
	};
	const char *word = q->n == 3 ? q->words[1] : op == SBX_OP_SEND ? "udp" : "tcp";
	struct sbx_event *event = NULL;
	size_t i = 0;
	int r;

	if (q->n < 2 || q->n > 3)
		return bad(q, "what follows is no ADDRESS:PORT:", q->words[0]);
	while (i < SBX_ARRAY_SIZE(protocols) && strcmp(word, protocols[i].word))
		i++;
	if (i == SBX_ARRAY_SIZE(protocols))
		return bad(q, "a protocol is tcp, udp, udplite or icmp, not", word);
	if (protocols[i].protocol == IPPROTO_ICMP)
		r = parse_host(q, q->words[q->n - 1], &event, ret_size);
	else
		r = parse_endpoint(q, q->words[q->n - 1], &event, ret_size);
	if (r)
		return r;
	if (event->path_len && op != SBX_OP_CONNECT && op != SBX_OP_SEND) {
		free(event);
		return bad(q, "only an address can be bound:", q->words[q->n - 1]);
	}
	event->op = op;
	event->obj.address.protocol = protocols[i].protocol;
	event->obj.address.sock_type = protocols[i].type;
	*ret_event = event;
	return 0;
}

static int ask_socket(const struct question *q, struct sbx_event **ret_event, size_t *ret_size)
{
	static const struct {
		const char *word;
		__u16 type;
	} types[] = { { "stream", SOCK_STREAM }, { "dgram", SOCK_DGRAM }, { "raw", SOCK_RAW } };
	int family = q->n > 1 ? sbx_family_from_str(q->words[1]) : -1;
	struct sbx_event *event;
	__u16 type = q->n > 2 ? 0 : SOCK_STREAM;

	if (family < 0 || q->n > 3)
		return bad(q, "no family of sockets is called",
			   q->n > 1 ? q->words[1] : q->words[0]);
	for (size_t i = 0; q->n == 3 && i < SBX_ARRAY_SIZE(types); i++) {
		if (!strcmp(q->words[2], types[i].word))
			type = types[i].type;
	}
	if (!type)
		return bad(q, "a type is stream, dgram or raw, not", q->words[2]);
	event = event_new(0, ret_size);
	if (!event)
		return -ENOMEM;
	event->op = SBX_OP_SOCKET;
	event->object = SBX_OBJECT_ADDRESS;
	event->obj.address.family = (__u16)family;
	event->obj.address.sock_type = type;
	if (type == SOCK_RAW && family != AF_NETLINK) { /* as bpf/hook_socket.bpf.c asks */
		event->guard = SBX_GUARD_RAW_SOCKET;
		event->reason = SBX_REASON_GUARD;
	}
	*ret_event = event;
	return 0;
}

static int ask_guard(const struct question *q, struct sbx_event **ret_event, size_t *ret_size)
{
	int guard = sbx_guard_from_str(q->words[0]);
	struct sbx_event *event;

	if (guard < 0)
		return bad(q, "neither a right nor a guard:", q->words[0]);
	event = event_new(0, ret_size);
	if (!event)
		return -ENOMEM;
	event->guard = (__u16)guard;
	event->reason = SBX_REASON_GUARD;
	*ret_event = event;
	return 0;
}

/* The operation of an address question, or 0. */
static __u16 address_op(const char *word)
{
	static const __u16 ops[] = { SBX_OP_CONNECT, SBX_OP_SEND, SBX_OP_BIND, SBX_OP_LISTEN };

	for (size_t i = 0; i < SBX_ARRAY_SIZE(ops); i++) {
		if (!strcmp(word, sbx_op_to_str(ops[i])))
			return ops[i];
	}
	return 0;
}

int sbx_query_parse(const char *text, const struct sbx_policy_vars *vars, sbx_resolve_fn resolve,
		    void *ctx, struct sbx_event **ret_event, size_t *ret_size,
		    struct sbx_error *err)
{
	struct question q = { .text = text, .err = err };
	sbx_cleanup(sbx_freep) char *copy = strdup(text);
	const char *path;
	char *save = NULL;

	if (!copy)
		return -ENOMEM;
	/* A path is all that follows the right, blanks and all. */
	path = text + strspn(text, " \t");
	path += strcspn(path, " \t");
	path += strspn(path, " \t");
	for (char *word = strtok_r(copy, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (q.n < WORDS_MAX)
			q.words[q.n++] = word;
	}
	if (!q.n)
		return bad(&q, "there is no question in", "");
	if (*path && strchr("/~.", *path))
		return ask_path(&q, path, vars, resolve, ctx, ret_event, ret_size);
	if (address_op(q.words[0]))
		return ask_address(&q, address_op(q.words[0]), ret_event, ret_size);
	if (!strcmp(q.words[0], "resolve") && q.n == 2)
		return ask_name(&q, q.words[1], ret_event, ret_size);
	if (!strcmp(q.words[0], "socket"))
		return ask_socket(&q, ret_event, ret_size);
	if (q.n > 1)
		return bad(&q, "neither a path nor an address:", q.words[1]);
	return ask_guard(&q, ret_event, ret_size);
}
