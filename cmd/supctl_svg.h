/* supctl_svg.h - what the pictures share: text that is safe in XML, how wide it will be, and a
 * style that needs nothing from outside and follows the reader's light or dark. */
#ifndef CMD_SUPCTL_SVG_H
#define CMD_SUPCTL_SVG_H

#include <stddef.h>

#include "cmd/supctl_output.h"

/* The line of text that most things are written in, in pixels. */
enum { SVG_FONT = 13, SVG_FONT_SMALL = 11 };

/* Text for XML and HTML, attributes too: what is special becomes an entity, what is no character
 * becomes "?". */
void svg_text(struct out *out, const char *text);

/* Bytes of the UTF-8 character at text; 0 when it is none, or none that XML may hold. */
size_t svg_character(const char *text);

/* The width of text in pixels at a font size: a guess on the wide side, since the reader's font is
 * not known. */
unsigned svg_width(const char *text, unsigned font);

/* The beginning of a picture and its style; title is what a reader without eyes is told. */
void svg_begin(struct out *out, unsigned width, unsigned height, const char *title);
void svg_end(struct out *out);

/* The class of the style that shows a tone: good, busy, bad or idle; with "text" behind it, that of
 * letters. */
const char *svg_class(enum tone tone);

#endif
