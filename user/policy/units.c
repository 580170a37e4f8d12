// SPDX-License-Identifier: GPL-2.0-only
/* Numbers with units; see units.h.  Decimals are exact: no floating point. */
#include "policy/units.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A decimal number: value = digits / scale. */
struct decimal {
	__u64 digits;
	__u64 scale; /* 1, 10, 100 or 1000 */
};

struct unit {
	const char *word;
	__u64 factor;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits, and up to three decimals, and says where they end. */
static int read_decimal(const char *text, struct decimal *ret_value, const char **ret_end)
{
	struct decimal value = { 0, 1 };
	bool fraction = false;

	if (!is_digit(*text))
		return -EINVAL;
	for (; is_digit(*text) || (*text == '.' && !fraction && is_digit(text[1])); text++) {
		if (*text == '.') {
			fraction = true;
			continue;
		}
		if (value.digits > (ULLONG_MAX - 9) / 10)
			return -ERANGE;
		if (fraction && value.scale == 1000)
			return -EINVAL;
		value.digits = value.digits * 10 + (__u64)(*text - '0');
		if (fraction)
			value.scale *= 10;
	}
	*ret_value = value;
	*ret_end = text;
	return 0;
}

static int read_units(const char *text, const struct unit *units, __u64 *ret_value)
{
	struct decimal value;
	const char *end;
	int r = read_decimal(text, &value, &end);

	if (r)
		return r;
	while (*end == ' ')
		end++;
	while (units->word && strcmp(units->word, end))
		units++;
	if (!units->word)
		return -EINVAL;
	if (value.digits > ULLONG_MAX / units->factor)
		return -ERANGE;
	/* UINT64_MAX means "no limit", so it is no value. */
	if (value.digits * units->factor / value.scale == ULLONG_MAX)
		return -ERANGE;
	*ret_value = value.digits * units->factor / value.scale;
	return 0;
}

int sbx_units_number(const char *text, __u64 *ret_value)
{
	static const struct unit units[] = { { "", 1 }, { NULL, 0 } };

	return strchr(text, '.') || strchr(text, ' ') ? -EINVAL
						      : read_units(text, units, ret_value);
}

int sbx_units_size(const char *text, __u64 *ret_bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "K", 1ull << 10 },
		{ "M", 1ull << 20 },
		{ "G", 1ull << 30 },
		{ "T", 1ull << 40 },
		{ "KiB", 1ull << 10 },
		{ "MiB", 1ull << 20 },
		{ "GiB", 1ull << 30 },
		{ "TiB", 1ull << 40 },
		{ "KB", 1000ull },
		{ "MB", 1000ull * 1000 },
		{ "GB", 1000ull * 1000 * 1000 },
		{ "TB", 1000ull * 1000 * 1000 * 1000 },
		{ NULL, 0 },
	};

	return read_units(text, units, ret_bytes);
}

int sbx_units_duration(const char *text, __u64 *ret_ms)
{
	static const struct unit units[] = {
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60 * 1000 },
		{ "h", 3600 * 1000 },
		{ "d", 24 * 3600 * 1000 },
		{ NULL, 0 },
	};

	return read_units(text, units, ret_ms);
}

int sbx_units_cpu(const char *text, __u64 *ret_percent)
{
	static const struct unit units[] = {
		{ "%", 1 }, { "", 100 }, { "core", 100 }, { "cores", 100 }, { NULL, 0 },
	};

	return read_units(text, units, ret_percent);
}

int sbx_units_rate(const char *text, __u64 *ret_per_second)
{
	static const struct unit units[] = { { "/s", 1 }, { NULL, 0 } };

	return strchr(text, '.') || strchr(text, ' ') ? -EINVAL
						      : read_units(text, units, ret_per_second);
}

int sbx_units_bandwidth(const char *text, __u64 *ret_bits)
{
	static const struct unit units[] = {
		{ "bit", 1 },
		{ "kbit", 1000 },
		{ "Mbit", 1000 * 1000 },
		{ "Gbit", 1000 * 1000 * 1000 },
		{ NULL, 0 },
	};

	return read_units(text, units, ret_bits);
}
