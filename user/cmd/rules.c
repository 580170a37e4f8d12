// SPDX-License-Identifier: GPL-2.0-only
/* Options that mirror the policy file, written down as YAML: one line an option. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "cmd/rules.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define ALL_RIGHTS "[read, list, write, create, delete, exec, attr, connect, device]"
#define LOOPBACK "\"127.0.0.1\", \"::1\""

/* A double-quoted scalar; a dollar sign means itself, as the shell has done its part already. */
static int put_quoted(struct sbx_buf *buf, const char *text, size_t len)
{
	sbx_buf_putc(buf, '"');
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20)
			return -EINVAL;
		if (text[i] == '"' || text[i] == '\\')
			sbx_buf_putc(buf, '\\');
		if (text[i] == '$')
			sbx_buf_putc(buf, '$');
		sbx_buf_putc(buf, text[i]);
	}
	sbx_buf_putc(buf, '"');
	return 0;
}

/* Policies take absolute paths: a relative one starts where we are. */
static int put_path(struct sbx_buf *buf, const char *path)
{
	char absolute[PATH_MAX];
	char here[PATH_MAX];

	if (!*path)
		return -EINVAL;
	if (strchr("/~", *path) || !strncmp(path, "**/", 3))
		return put_quoted(buf, path, strlen(path));
	if (realpath(path, absolute))
		return put_quoted(buf, absolute, strlen(absolute));
	if (!getcwd(here, sizeof(here)) ||
	    snprintf(absolute, sizeof(absolute), "%s/%s", here, path) >= (int)sizeof(absolute))
		return -EINVAL;
	return put_quoted(buf, absolute, strlen(absolute));
}

static int add_files(struct sbx_buf *buf, const char *verdict, const char *rights, const char *path)
{
	int r;

	sbx_buf_printf(buf, "    - {%s: %s, paths: ", verdict, rights);
	r = put_path(buf, path);
	sbx_buf_puts(buf, "}\n");
	return r;
}

/* Where ":PORTS" begins, or NULL: the colons of an IPv6 address count only behind its bracket. */
static const char *find_ports(const char *text, size_t len)
{
	const char *colon = memrchr(text, ':', len);
	const char *bracket = memrchr(text, ']', len);

	if (!colon || colon == text + len - 1)
		return NULL;
	if (bracket)
		return colon > bracket ? colon : NULL;
	return memchr(text, ':', (size_t)(colon - text)) ? NULL : colon;
}

/* A name, as against an address, a network or a set. */
static bool is_domain(const char *text, size_t len)
{
	return *text != '@' && *text != '[' && !memchr(text, ':', len) &&
	       strcspn(text, "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ*") < len;
}

/* "10.0.0.0/8:443,8000-8999/udp", "[2001:db8::1]:53", "example.com:443", "@private". */
static int add_net(struct sbx_buf *buf, const char *value)
{
	size_t len = strlen(value);
	const char *proto = NULL;
	const char *ports;
	size_t host_len;
	int r;

	if (len >= 4 && (!strcmp(value + len - 4, "/udp") || !strcmp(value + len - 4, "/tcp"))) {
		proto = value + len - 3;
		len -= 4;
	}
	ports = find_ports(value, len);
	host_len = ports ? (size_t)(ports - value) : len;
	if (!host_len || (ports && strspn(ports + 1, "0123456789,-") != len - host_len - 1))
		return -EINVAL;
	sbx_buf_printf(buf, "    - {allow: {%s: ", is_domain(value, host_len) ? "domains" : "to");
	if (*value == '[') { /* brackets are for the colons, and a network's length follows them */
		const char *end = memchr(value, ']', host_len);
		sbx_cleanup(sbx_buf_free) struct sbx_buf host = { 0 };

		if (!end)
			return -EINVAL;
		sbx_buf_add(&host, value + 1, (size_t)(end - value) - 1);
		sbx_buf_add(&host, end + 1, host_len - (size_t)(end - value) - 1);
		r = host.len ? put_quoted(buf, host.text, host.len) : -EINVAL;
	} else {
		r = put_quoted(buf, value, host_len);
	}
	if (ports)
		sbx_buf_printf(buf, ", ports: [%.*s]", (int)(len - host_len - 1), ports + 1);
	if (proto)
		sbx_buf_printf(buf, ", protocols: [%s]", proto);
	sbx_buf_puts(buf, "}}\n");
	return r;
}

/* "8080", "8000-8999", "0.0.0.0:80". Without an address: loopback. */
static int add_listen(struct sbx_buf *buf, const char *value)
{
	const char *ports = find_ports(value, strlen(value));
	int r = 0;

	sbx_buf_puts(buf, "    - {to: [");
	if (!ports)
		sbx_buf_puts(buf, LOOPBACK);
	else if (*value == '[' && ports > value + 1 && ports[-1] == ']')
		r = put_quoted(buf, value + 1, (size_t)(ports - value) - 2);
	else
		r = put_quoted(buf, value, (size_t)(ports - value));
	ports = ports ? ports + 1 : value;
	if (strspn(ports, "0123456789,-") != strlen(ports) || !*ports)
		return -EINVAL;
	sbx_buf_printf(buf, "], ports: [%s]}\n", ports);
	return r;
}

/* "NAME": kept from the caller; "NAME=VALUE": set. */
static int add_env(struct sbx_cmd_rules *rules, const char *value)
{
	const char *equals = strchr(value, '=');
	int r;

	if (!equals) {
		sbx_buf_puts(&rules->pass, rules->pass.len ? ", " : "");
		return put_quoted(&rules->pass, value, strlen(value));
	}
	sbx_buf_puts(&rules->set, rules->set.len ? ", " : "");
	r = put_quoted(&rules->set, value, (size_t)(equals - value));
	sbx_buf_puts(&rules->set, ": ");
	return put_quoted(&rules->set, equals + 1, strlen(equals + 1)) ?: r;
}

static int add_limit(struct sbx_buf *buf, const char *key, const char *value)
{
	int r;

	sbx_buf_printf(buf, "  %s: ", key);
	r = put_quoted(buf, value, strlen(value));
	sbx_buf_putc(buf, '\n');
	return r;
}

int sbx_cmd_rules_add(struct sbx_cmd_rules *rules, enum sbx_rule_option option, const char *value)
{
	rules->any = true;
	switch (option) {
	case SBX_RULE_RO:
		return add_files(&rules->files, "allow", "ro", value);
	case SBX_RULE_RX:
		return add_files(&rules->files, "allow", "rx", value);
	case SBX_RULE_RW:
		return add_files(&rules->files, "allow", "rw", value);
	case SBX_RULE_DENY:
		return add_files(&rules->files, "deny", ALL_RIGHTS, value);
	case SBX_RULE_NET:
		rules->net_mode = value;
		return 0;
	case SBX_RULE_ALLOW_NET:
		return add_net(&rules->nets, value);
	case SBX_RULE_LISTEN:
		return add_listen(&rules->listen, value);
	case SBX_RULE_ENV:
		return add_env(rules, value);
	case SBX_RULE_MEMORY:
		return add_limit(&rules->limits, "memory", value);
	case SBX_RULE_PIDS:
		return add_limit(&rules->limits, "pids", value);
	case SBX_RULE_CPU:
		return add_limit(&rules->limits, "cpu", value);
	case SBX_RULE_TIMEOUT:
		return add_limit(&rules->limits, "wall_time", value);
	default:
		return -EINVAL;
	}
}

static void put_section(struct sbx_buf *out, const char *head, const struct sbx_buf *lines)
{
	if (lines->len)
		sbx_buf_printf(out, "%s\n%s", head, lines->text);
}

static void put_network(struct sbx_buf *out, const struct sbx_cmd_rules *rules)
{
	if (!rules->net_mode && !rules->nets.len && !rules->listen.len)
		return;
	sbx_buf_puts(out, "network:\n");
	if (rules->net_mode) {
		sbx_buf_puts(out, "  mode: ");
		(void)put_quoted(out, rules->net_mode, strlen(rules->net_mode)); /* a bad word is a
										    fault of the
										    policy */
		sbx_buf_putc(out, '\n');
	}
	put_section(out, "  rules:", &rules->nets);
	put_section(out, "  listen:", &rules->listen);
}

static void put_env(struct sbx_buf *out, const struct sbx_cmd_rules *rules)
{
	if (!rules->pass.len && !rules->set.len)
		return;
	sbx_buf_puts(out, "process:\n  env:\n");
	if (rules->pass.len)
		sbx_buf_printf(out, "    pass: [%s]\n", rules->pass.text);
	if (rules->set.len)
		sbx_buf_printf(out, "    set: {%s}\n", rules->set.text);
}

char *sbx_cmd_rules_text(const struct sbx_cmd_rules *rules, const char *base, const char *name)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf out = { 0 };
	char *text = NULL;

	sbx_buf_printf(&out, "version: 1\nname: \"%s\"\nextends: [", name);
	if (put_quoted(&out, base, strlen(base)))
		return NULL;
	sbx_buf_puts(&out, "]\n");
	put_section(&out, "filesystem:\n  rules:", &rules->files);
	put_network(&out, rules);
	put_env(&out, rules);
	put_section(&out, "limits:", &rules->limits);
	if (rules->files.error || rules->nets.error || rules->listen.error || rules->pass.error ||
	    rules->set.error || rules->limits.error)
		return NULL;
	(void)sbx_buf_take(&out, &text); /* NULL then */
	return text;
}

void sbx_cmd_rules_free(struct sbx_cmd_rules *rules)
{
	struct sbx_buf *bufs[] = { &rules->files, &rules->nets, &rules->listen,
				   &rules->pass,  &rules->set,	&rules->limits };

	for (size_t i = 0; i < SBX_ARRAY_SIZE(bufs); i++)
		sbx_buf_free(bufs[i]);
}
