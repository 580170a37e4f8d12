// SPDX-License-Identifier: GPL-2.0-only
/* Addresses and prefixes; see address.h.  Pure text: no resolver is ever asked. */
#include "policy/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/units.h"

static const __u8 v4_head[12] = { [10] = 0xff, [11] = 0xff };

/*
 * Where clouds hand out credentials to whoever asks, as their manuals say.  Hosts, not whole
 * networks: allowing @linklocal or @private must not open them.
 */
static const char *const metadata[] = {
	"169.254.169.254", /* AWS, Azure, GCP, OpenStack, DigitalOcean and others */
	"169.254.170.2",   /* AWS ECS task credentials */
	"169.254.170.23",  /* AWS EKS pod identity */
	"169.254.42.42",   /* Scaleway */
	"169.254.0.23",	   /* Tencent */
	"100.100.100.200", /* Alibaba */
	"168.63.129.16",   /* Azure's host agent */
	"192.0.0.192",	   /* Oracle */
	"fd00:ec2::254",   /* AWS */
	"fd00:ec2::23",	   /* AWS EKS pod identity */
	"fd20:ce::254",	   /* GCP */
	"fe80::a9fe:a9fe", /* OpenStack */
	NULL,
};
static const char *const loopback[] = { "127.0.0.0/8", "::1", NULL };
static const char *const private[] = {
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", NULL,
};
static const char *const linklocal[] = { "169.254.0.0/16", "fe80::/10", NULL };
static const char *const multicast[] = { "224.0.0.0/4", "255.255.255.255", "ff00::/8", NULL };
static const char *const any[] = { "0.0.0.0/0", "::/0", NULL };

static const struct sbx_address_set sets[] = {
	{ "@metadata", metadata },   { "@loopback", loopback },	  { "@private", private },
	{ "@linklocal", linklocal }, { "@multicast", multicast }, { "@any", any },
};

const struct sbx_address_set *sbx_address_set_at(size_t i)
{
	return i < SBX_ARRAY_SIZE(sets) ? &sets[i] : NULL;
}

const struct sbx_address_set *sbx_address_set(const char *name)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(sets); i++) {
		if (!strcmp(sets[i].name, name))
			return &sets[i];
	}
	return NULL;
}

int sbx_address_parse(const char *text, __u8 addr[16])
{
	__u8 bytes[16];

	if (inet_pton(AF_INET, text, bytes + 12) == 1)
		memcpy(bytes, v4_head, sizeof(v4_head));
	else if (inet_pton(AF_INET6, text, bytes) != 1)
		return -EINVAL;
	memcpy(addr, bytes, sizeof(bytes));
	return 0;
}

/* Clears all bits beyond the prefix's length; true when some were set. */
static bool clear_host_bits(struct sbx_prefix *prefix)
{
	bool found = false;

	for (unsigned int i = 0; i < 16; i++) {
		unsigned int kept = prefix->len <= i * 8 ? 0 : prefix->len - i * 8;
		__u8 mask = (__u8)(0xff00u >> (kept > 8 ? 8 : kept));

		if (prefix->addr[i] & ~mask)
			found = true;
		prefix->addr[i] &= mask;
	}
	return found;
}

int sbx_prefix_parse(const char *text, struct sbx_prefix *ret_prefix)
{
	struct sbx_prefix prefix = { .len = 128 };
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char address[INET6_ADDRSTRLEN];
	bool v4 = !memchr(text, ':', len);
	__u64 bits;
	bool host_bits;

	if (len >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, len);
	address[len] = '\0';
	if (sbx_address_parse(address, prefix.addr))
		return -EINVAL;
	if (slash) {
		if (sbx_units_number(slash + 1, &bits) || bits > (v4 ? 32 : 128))
			return -ERANGE;
		prefix.len = (__u8)(bits + (v4 ? SBX_V4_BITS : 0));
	}
	host_bits = clear_host_bits(&prefix);
	*ret_prefix = prefix;
	return host_bits ? -EDOM : 0;
}

bool sbx_prefix_is_v4(const struct sbx_prefix *prefix)
{
	return prefix->len >= SBX_V4_BITS && !memcmp(prefix->addr, v4_head, sizeof(v4_head));
}

char *sbx_prefix_format(const struct sbx_prefix *prefix, char *buf, size_t size)
{
	char address[INET6_ADDRSTRLEN] = "?";
	bool v4 = sbx_prefix_is_v4(prefix);

	/* Cannot fail: the buffer is large enough for both families. */
	(void)inet_ntop(v4 ? AF_INET : AF_INET6, prefix->addr + (v4 ? 12 : 0), address,
			sizeof(address));
	if (prefix->len == 128)
		(void)snprintf(buf, size, "%s", address); /* fits SBX_ADDRESS_TEXT */
	else
		(void)snprintf(buf, size, "%s/%d", address, prefix->len - (v4 ? SBX_V4_BITS : 0));
	return buf;
}

bool sbx_prefix_holds(const struct sbx_prefix *prefix, const __u8 addr[16])
{
	unsigned int bytes = prefix->len / 8, bits = prefix->len % 8;
	__u8 mask = (__u8)(0xff00u >> bits);

	if (memcmp(prefix->addr, addr, bytes))
		return false;
	return !bits || !((prefix->addr[bytes] ^ addr[bytes]) & mask);
}

int sbx_prefix_compare(const struct sbx_prefix *a, const struct sbx_prefix *b)
{
	int r = memcmp(a->addr, b->addr, sizeof(a->addr));

	return r ? r : a->len - b->len;
}
