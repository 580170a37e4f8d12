// SPDX-License-Identifier: GPL-2.0-only
/* A policy's answer to a question: the kernel's decision made on the host, and the line behind it.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "audit/audit.h"
#include "audit/event.h"
#include "audit/json.h"
#include "audit/tally.h"
#include "lib/cleanup.h"
#include "policy/ports.h"

struct asking {
	const struct sbx_compiled *compiled;
	struct sbx_event *event;
	size_t size;
	sbx_answer_fn fn;
	void *ctx;
};

/* The deciding line is that of the event as it is filled in now. */
static int answer(const struct asking *asking, const char *act, const char *verdict, bool allowed)
{
	const struct sbx_rule_ref *ref =
		sbx_compiled_decider(asking->compiled, asking->event, asking->size);
	sbx_cleanup(sbx_buf_free) struct sbx_buf object = { 0 };
	sbx_cleanup(sbx_buf_free) struct sbx_buf place = { 0 };
	sbx_cleanup(sbx_buf_free) struct sbx_buf rule = { 0 };
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	sbx_cleanup(sbx_buf_free) struct sbx_buf remedy = { 0 };
	struct sbx_answer what = { .allowed = allowed, .verdict = verdict, .act = act };

	sbx_object_put(&object, asking->event, asking->size);
	sbx_rule_put(&place, ref);
	sbx_text_safe(&rule, place.text ? place.text : "", place.len);
	if (ref->text)
		sbx_text_safe(&text, ref->text, strlen(ref->text));
	if (!allowed)
		sbx_remedy_put(&remedy, asking->compiled, asking->event, asking->size);
	if (object.error || place.error || rule.error || text.error || remedy.error)
		return -ENOMEM;
	what.object = object.text ? object.text : "";
	what.rule = rule.text ? rule.text : "";
	what.rule_text = text.text ? text.text : "";
	what.remedy = remedy.text ? remedy.text : "";
	asking->fn(&what, asking->ctx);
	return 0;
}

static int answer_plain(const struct asking *asking, const char *act, bool allowed)
{
	return answer(asking, act, allowed ? "allow" : "deny", allowed);
}

/* An answer for each right: different lines may decide them. */
static int explain_path(const struct asking *asking)
{
	struct sbx_event *event = asking->event;
	sbx_cleanup(sbx_freep) char *path =
		strndup(event->path, sbx_event_path_len(event, asking->size));
	__u32 wanted = event->wanted & SBX_RIGHT_ALL;
	__u16 allowed;
	int r = 0;

	if (!path)
		return -ENOMEM;
	allowed = sbx_compiled_path(asking->compiled, path);
	for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX && !r; bit++) {
		event->rights = wanted & (1u << bit);
		event->node = sbx_compiled_node(asking->compiled, path, event->rights);
		if (event->rights)
			r = answer_plain(asking, sbx_right_to_str(bit), allowed & event->rights);
	}
	return r;
}

static int explain_address(const struct asking *asking)
{
	struct sbx_event *event = asking->event;
	const struct sbx_event_address *address = &event->obj.address;
	bool listens = event->op == SBX_OP_BIND || event->op == SBX_OP_LISTEN;
	bool allowed = sbx_compiled_address(
		asking->compiled, listens ? SBX_DIR_LISTEN : SBX_DIR_OUT, address->addr,
		sbx_proto_of(address->protocol), address->port, &event->rule);

	return answer_plain(asking, sbx_op_to_str(event->op), allowed);
}

/*
 * What a name opens, once an answer of a server on the list has told its addresses.  A policy
 * without domains judges no names: what it says of addresses that no rule names is the answer.
 */
static int explain_name(const struct asking *asking)
{
	/* reserved for examples, so that no rule is about it */
	static const __u8 nowhere[16] = { [10] = 0xff, 0xff, 203, 0, 113, 7 };
	const struct sbx_compiled *compiled = asking->compiled;
	struct sbx_event *event = asking->event;
	const struct sbx_event_address *address = &event->obj.address;
	__u8 proto = sbx_proto_of(address->protocol);
	sbx_cleanup(sbx_buf_free) struct sbx_buf name = { 0 };
	bool resolves = event->op == SBX_OP_DNS, allowed;

	sbx_event_domain_put(&name, event, asking->size);
	if (name.error || !name.text)
		return -ENOMEM;
	if (compiled->job.dns & SBX_DNS_NAMES)
		allowed = sbx_compiled_name(compiled, name.text, resolves ? 0 : proto,
					    address->port, &event->rule);
	else if (resolves)
		allowed = sbx_compiled_socket(compiled, AF_INET, SOCK_DGRAM);
	else
		allowed = sbx_compiled_address(compiled, SBX_DIR_OUT, nowhere, proto, address->port,
					       &event->rule);
	return answer_plain(asking, resolves ? "resolve" : sbx_op_to_str(event->op), allowed);
}

static int explain_socket(const struct asking *asking)
{
	struct sbx_event *event = asking->event;

	event->reason = SBX_REASON_FAMILY;
	return answer_plain(asking, sbx_op_to_str(event->op),
			    sbx_compiled_socket(asking->compiled, event->obj.address.family,
						event->obj.address.sock_type));
}

static int explain_guard(const struct asking *asking)
{
	unsigned int guard = asking->event->guard;
	unsigned int action =
		guard < SBX_GUARD_MAX_ ? asking->compiled->job.guards[guard] : SBX_ACTION_DENY;

	return answer(asking, sbx_guard_to_str(guard), sbx_action_to_str(action),
		      action == SBX_ACTION_ALLOW || action == SBX_ACTION_LOG);
}

int sbx_explain(const struct sbx_compiled *compiled, struct sbx_event *question, size_t size,
		sbx_answer_fn fn, void *ctx)
{
	const struct asking asking = { compiled, question, size, fn, ctx };

	if (question->guard)
		return explain_guard(&asking);
	if (question->op == SBX_OP_SOCKET)
		return explain_socket(&asking);
	if (question->object == SBX_OBJECT_ADDRESS && sbx_event_path_len(question, size))
		return explain_name(&asking);
	if (question->object == SBX_OBJECT_ADDRESS)
		return explain_address(&asking);
	return explain_path(&asking);
}
