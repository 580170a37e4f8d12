// SPDX-License-Identifier: GPL-2.0-only
/*
 * One event -> one JSON object.  The record comes from our own kernel side, yet nothing in it is
 * trusted with more than its own bytes: lengths are clamped, unknown numbers get a word.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sigabbrev_np */
#endif
#include "audit/event.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "audit/json.h"
#include "lib/cleanup.h"

#define NS_PER_S 1000000000
#define OFFSET_LIFE_NS                                                            \
	100000000 /* the wall clock is stepped rarely; 0.1 s late is early enough \
		   */

/* Bits of a ptrace access mode (linux/ptrace.h, kernel side). */
#define MODE_READ 1u
#define MODE_ATTACH 2u

static __u64 clock_ns(clockid_t clock)
{
	struct timespec now = { 0 };

	(void)clock_gettime(clock, &now); /* both clocks always exist */
	return (__u64)now.tv_sec * NS_PER_S + (__u64)now.tv_nsec;
}

__u64 sbx_boot_time(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

/* Without a chain of records behind it a policy name may be missing: tests, fuzzing. */
static void put_common(struct sbx_buf *buf, const char *key, const char *value)
{
	if (value)
		sbx_json_string(buf, key, value, strlen(value));
}

int sbx_frame_init(struct sbx_frame *frame, const struct sbx_audit_options *options)
{
	*frame = (struct sbx_frame){ .compiled = options->compiled, .second = -1 };
	sbx_buf_puts(&frame->common, ""); /* never NULL */
	put_common(&frame->common, "job", options->job);
	put_common(&frame->common, "policy", options->policy_name);
	put_common(&frame->common, "cgroup", options->cgroup_path);
	return frame->common.error;
}

void sbx_frame_free(struct sbx_frame *frame)
{
	sbx_buf_free(&frame->common);
}

/* The date of `wall` ns in UTC; calendars cost, so a second's text is kept. */
static void frame_date(struct sbx_frame *frame, __s64 wall)
{
	time_t second = wall / NS_PER_S;
	struct tm parts;

	if (frame->second == second)
		return;
	if (wall < 0 || !gmtime_r(&second, &parts)) {
		second = 0;
		(void)gmtime_r(&second, &parts); /* 1970 always has a calendar */
	}
	(void)strftime(frame->date, sizeof(frame->date), "%Y-%m-%dT%H:%M:%S", &parts);
	frame->second = wall / NS_PER_S;
}

static void put_time(struct sbx_frame *frame, struct sbx_buf *buf, __u64 boot_ns)
{
	char fraction[8] = ".000000";
	__s64 wall;
	__u64 us;

	if (boot_ns == 0 || boot_ns > frame->offset_until) {
		__u64 now = sbx_boot_time();

		frame->offset = (__s64)(clock_ns(CLOCK_REALTIME) - now);
		frame->offset_until = now + OFFSET_LIFE_NS;
		boot_ns = boot_ns ? boot_ns : now;
	}
	wall = boot_ns >> 62 ? 0 : (__s64)boot_ns + frame->offset; /* 146 years: not a time */
	frame_date(frame, wall);
	us = wall > 0 ? (__u64)(wall % NS_PER_S) / 1000 : 0;
	for (size_t i = 6; i > 0; i--, us /= 10)
		fraction[i] = (char)('0' + us % 10);
	sbx_buf_puts(buf, frame->date);
	sbx_buf_add(buf, fraction, 7);
}

void sbx_frame_begin(struct sbx_frame *frame, struct sbx_buf *buf, __u64 boot_ns, __u64 seq,
		     const char *type)
{
	static const char head[] = "{\"schema\":\"" SBX_EVENT_SCHEMA "\",\"ts\":\"";

	buf->len = 0;
	sbx_buf_add(buf, head, sizeof(head) - 1);
	put_time(frame, buf, boot_ns);
	sbx_buf_add(buf, "Z\"", 2);
	if (seq)
		sbx_json_u64(buf, "seq", seq);
	if (frame->common.len) {
		sbx_buf_add(buf, ",", 1);
		sbx_buf_add(buf, frame->common.text, frame->common.len);
	}
	sbx_json_word(buf, "type", type);
}

size_t sbx_event_path_len(const struct sbx_event *event, size_t size)
{
	size_t room = size > sizeof(*event) ? size - sizeof(*event) : 0;

	return event->path_len < room ? event->path_len : room;
}

size_t sbx_event_exe_len(const struct sbx_event *event)
{
	return event->exe_len < SBX_EXE_MAX ? event->exe_len : SBX_EXE_MAX;
}

bool sbx_event_by_policy(const struct sbx_event *event)
{
	switch (event->reason) {
	case SBX_REASON_RULE:
	case SBX_REASON_GUARD:
	case SBX_REASON_FAMILY:
	case SBX_REASON_GAIN:
	case SBX_REASON_DIR_MOVE:
	case SBX_REASON_REDIRECT:
	case SBX_REASON_PIN:
	case SBX_REASON_NAME:
	case SBX_REASON_DNS_TYPE:
	case SBX_REASON_RESOLVER:
	case SBX_REASON_EXPIRED:
		return true;
	default:
		return event->guard != SBX_GUARD_NONE_;
	}
}

const struct sbx_rule_ref *sbx_event_decider(const struct sbx_compiled *compiled,
					     const struct sbx_event *event, size_t size)
{
	static const struct sbx_rule_ref built_in;

	if (!compiled || !sbx_event_by_policy(event))
		return &built_in;
	return sbx_compiled_decider(compiled, event, size);
}

void sbx_rule_put(struct sbx_buf *buf, const struct sbx_rule_ref *ref)
{
	if (!ref->place.file) {
		sbx_buf_puts(buf, "built in");
		return;
	}
	sbx_buf_puts(buf, ref->place.file);
	if (ref->place.line)
		sbx_buf_printf(buf, ":%u", ref->place.line);
}

static void put_decision(struct sbx_frame *frame, struct sbx_buf *buf,
			 const struct sbx_event *event, size_t size)
{
	const struct sbx_rule_ref *ref = sbx_event_decider(frame->compiled, event, size);
	struct sbx_buf rule = { 0 };

	sbx_json_word(buf, "op", sbx_op_to_str(event->op));
	sbx_json_word(buf, "verdict", sbx_verdict_to_str(event->verdict));
	sbx_json_word(buf, "reason", sbx_reason_to_str(event->reason));
	if (event->guard) {
		sbx_json_word(buf, "guard", sbx_guard_to_str(event->guard));
		if (event->guard < SBX_GUARD_MAX_)
			sbx_json_u64(buf, "severity", sbx_guard_severity(event->guard));
	}
	if (event->rights & SBX_RIGHT_ALL) {
		sbx_json_open(buf, "rights", '[');
		for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
			if (event->rights & (1u << bit))
				sbx_json_word(buf, NULL, sbx_right_to_str(bit));
		}
		sbx_json_close(buf, ']');
	}
	sbx_rule_put(&rule, ref);
	sbx_json_string(buf, "rule", rule.text ? rule.text : "", rule.len);
	if (rule.error)
		buf->error = rule.error;
	sbx_buf_free(&rule);
	if (ref->text)
		sbx_json_string(buf, "rule_text", ref->text, strlen(ref->text));
}

static void put_path(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	size_t len = sbx_event_path_len(event, size);

	sbx_json_string(buf, "path", event->path, len);
	if (event->flags & SBX_EVENT_TRUNCATED || len < event->path_len)
		sbx_json_true(buf, "path_truncated");
	if (event->flags & SBX_EVENT_UNREADABLE)
		sbx_json_true(buf, "unreadable");
	if (event->flags & SBX_EVENT_TARGET)
		sbx_json_true(buf, "new_name");
}

/* The name that the address is about, and what was asked about it; an abstract socket's name. */
static void put_domain(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf name = { 0 };
	char scratch[SBX_ADDRESS_LEN];

	if (event->obj.address.family == AF_UNIX) {
		if (event->path_len)
			sbx_json_string(buf, "name", event->path, sbx_event_path_len(event, size));
		return;
	}
	sbx_event_domain_put(&name, event, size);
	if (name.len)
		sbx_json_string(buf, "domain", name.text, name.len);
	if (event->op == SBX_OP_DNS && event->wanted)
		sbx_json_word(buf, "query", sbx_query_type_to_str(event->wanted, scratch));
	if (name.error)
		buf->error = name.error;
}

static void put_address(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	const struct sbx_event_address *address = &event->obj.address;
	char scratch[SBX_ADDRESS_LEN];

	/* A socket that is being made has no address yet, and other families no internet address.
	 */
	if (event->op != SBX_OP_SOCKET &&
	    (address->family == AF_INET || address->family == AF_INET6)) {
		sbx_json_word(buf, "address", sbx_address_format(address->addr, scratch));
		sbx_json_u64(buf, "port", address->port);
	}
	sbx_json_word(buf, "protocol", sbx_protocol_to_str(address, scratch));
	sbx_json_word(buf, "family", sbx_family_word(address->family, scratch));
	if (address->sock_type)
		sbx_json_word(buf, "socket", sbx_sock_type_to_str(address->sock_type, scratch));
	put_domain(buf, event, size);
}

static void put_target(struct sbx_buf *buf, const struct sbx_event *event)
{
	const struct sbx_event_process *target = &event->obj.process;

	sbx_json_u64(buf, "pid", target->pid);
	sbx_json_string(buf, "comm", target->comm, strnlen(target->comm, sizeof(target->comm)));
	sbx_json_u64(buf, "uid", target->uid);
	if (event->op == SBX_OP_SIGNAL) {
		const char *name = target->detail < NSIG ? sigabbrev_np((int)target->detail) : NULL;

		sbx_json_u64(buf, "signal", target->detail);
		if (name)
			sbx_json_word(buf, "signal_name", name);
	} else if (target->detail) {
		sbx_json_word(buf, "mode",
			      target->detail & MODE_ATTACH ? "attach"
			      : target->detail & MODE_READ ? "read"
							   : "other");
	}
}

static void put_object(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	if (event->object == SBX_OBJECT_NONE || event->object > SBX_OBJECT_NUMBER)
		return;
	sbx_json_open(buf, "object", '{');
	switch (event->object) {
	case SBX_OBJECT_PATH:
		put_path(buf, event, size);
		break;
	case SBX_OBJECT_ADDRESS:
		put_address(buf, event, size);
		break;
	case SBX_OBJECT_PROCESS:
		put_target(buf, event);
		break;
	default:
		sbx_json_u64(buf, "number", event->obj.number);
		break;
	}
	sbx_json_close(buf, '}');
}

static void put_process(struct sbx_buf *buf, const struct sbx_event *event)
{
	sbx_json_open(buf, "process", '{');
	sbx_json_u64(buf, "pid", event->pid);
	sbx_json_u64(buf, "tid", event->tid);
	sbx_json_u64(buf, "ppid", event->ppid);
	sbx_json_u64(buf, "uid", event->uid);
	sbx_json_u64(buf, "gid", event->gid);
	sbx_json_string(buf, "comm", event->comm, strnlen(event->comm, sizeof(event->comm)));
	sbx_json_string(buf, "exe", event->exe, sbx_event_exe_len(event));
	if (event->flags & SBX_EVENT_EXE_TRUNCATED || event->exe_len > SBX_EXE_MAX)
		sbx_json_true(buf, "exe_truncated");
	sbx_json_close(buf, '}');
}

int sbx_event_emit(struct sbx_frame *frame, struct sbx_buf *buf, const struct sbx_event *event,
		   size_t size)
{
	if (size < sizeof(*event))
		return -EINVAL;
	sbx_frame_begin(frame, buf, event->time, event->seq, event->guard ? "escape" : "violation");
	put_decision(frame, buf, event, size);
	put_object(buf, event, size);
	put_process(buf, event);
	sbx_json_word(buf, "hook", sbx_op_hooks(event->op));
	if (event->error)
		sbx_json_word(buf, "errno", sbx_errno_name(event->error));
	return buf->error;
}

json_t *sbx_event_to_json(const struct sbx_event *event, size_t size,
			  const struct sbx_audit_options *options)
{
	struct sbx_frame frame;
	struct sbx_buf buf = { 0 };
	json_t *json = NULL;

	if (sbx_frame_init(&frame, options) == 0 &&
	    sbx_event_emit(&frame, &buf, event, size) == 0) {
		sbx_json_close(&buf, '}');
		if (!buf.error)
			json = json_loadb(buf.text, buf.len, JSON_REJECT_DUPLICATES, NULL);
	}
	sbx_buf_free(&buf);
	sbx_frame_free(&frame);
	return json;
}
