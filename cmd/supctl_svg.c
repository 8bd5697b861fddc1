/* supctl_svg.c - what the pictures share. */
#include "cmd/supctl_svg.h"

#include <stdint.h>
#include <string.h>

/* ---- text */

static const char *entity_of(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return c < ' ' || c == 0x7f ? "?" : NULL;
	}
}

size_t svg_character(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	uint32_t value;
	size_t n;

	if (c[0] < 0x80)
		return 1;
	if (c[0] < 0xc2 || c[0] > 0xf4)
		return 0;
	n = c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
	value = c[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (c[i] & 0x3fu);
	}
	if ((n == 3 && value < 0x800) || (n == 4 && (value < 0x10000 || value > 0x10ffff)))
		return 0;
	return (value >= 0xd800 && value < 0xe000) || (value >= 0xfffe && value <= 0xffff) ? 0 : n;
}

void svg_text(struct out *out, const char *text)
{
	while (*text) {
		const char *entity = entity_of((unsigned char)*text);
		size_t n = entity ? 1 : svg_character(text);

		if (entity || n == 0)
			out_text(out, entity ? entity : "?");
		else
			out_bytes(out, text, n);
		text += n ? n : 1;
	}
}

/* In hundredths of the font size, for sans-serif letters. */
static unsigned letter_width(unsigned char c)
{
	if (c >= 0x80)
		return 62;
	if (strchr("fijlrt.,:;'!|()[]/ -", c))
		return 38;
	if (strchr("mwMW@%", c))
		return 90;
	return c >= 'A' && c <= 'Z' ? 72 : 59;
}

unsigned svg_width(const char *text, unsigned font)
{
	unsigned total = 0;

	for (; *text; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			total += letter_width((unsigned char)*text);
	return (total * font + 99) / 100;
}

/* ---- the frame */

static const char style[] =
	"<style>\n"
	":root{color-scheme:light dark}\n"
	".page{fill:#fff}.ink{fill:#1f2328}.dim,.note{fill:#6a737d}\n"
	"text{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;"
	"font-size:13px}\n"
	".small{font-size:11px}.bold{font-weight:600}.end{text-anchor:end}\n"
	".line{fill:none;stroke:#8c959f;stroke-width:1.3}.heavy{stroke-width:3.2}\n"
	".tip{fill:#8c959f}.rule{stroke:#d8dee4;stroke-width:1}\n"
	".box{fill:#f6f8fa;stroke:#d0d7de;stroke-width:1}\n"
	".good{fill:#2da44e}.busy{fill:#d4900d}.bad{fill:#d1242f}.idle{fill:#afb8c1}\n"
	".goodtext{fill:#1a7f37}.busytext{fill:#8a5a00}.badtext{fill:#c01f2b}.idletext{fill:#"
	"6a737d}"
	"\n"
	".cross{stroke:#d1242f;stroke-width:2;fill:none}"
	".halo{stroke:#fff;stroke-width:5.5;fill:none}\n"
	"@media (prefers-color-scheme:dark){\n"
	".page{fill:#0d1117}.halo{stroke:#0d1117}.ink{fill:#e6edf3}.dim,.note{fill:#9198a1}\n"
	".line{stroke:#6e7681}.tip{fill:#6e7681}.rule{stroke:#21262d}\n"
	".box{fill:#161b22;stroke:#3d444d}.idle{fill:#484f58}\n"
	".goodtext{fill:#4ac26b}.busytext{fill:#e3a72f}.badtext{fill:#ff6a69}"
	".idletext{fill:#9198a1}.cross{stroke:#ff6a69}\n"
	"}\n"
	"</style>\n";

void svg_begin(struct out *out, unsigned width, unsigned height, const char *title)
{
	out_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"viewBox=\"0 0 %u %u\" role=\"img\">\n<title>",
		width, height, width, height);
	svg_text(out, title);
	out_text(out, "</title>\n");
	out_text(out, style);
	out_printf(out, "<rect class=\"page\" width=\"%u\" height=\"%u\"/>\n", width, height);
}

void svg_end(struct out *out)
{
	out_text(out, "</svg>\n");
}

const char *svg_class(enum tone tone)
{
	static const char *const names[TONE_COUNT] = {
		[TONE_PLAIN] = "idle",
		[TONE_GOOD] = "good",
		[TONE_BUSY] = "busy",
		[TONE_BAD] = "bad",
		[TONE_DIM] = "idle",
		[TONE_BOLD] = "idle",
	};

	return names[tone];
}
