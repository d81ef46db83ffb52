/* The line of a source that a message is about, with a caret below. */
#ifndef NFL_BASE_SNIPPET_H
#define NFL_BASE_SNIPPET_H

#include "base/source.h"
#include <stdio.h>

/* Two lines: the text with its number, and ^~~~ below the place. */
void snippet_print(FILE *to, struct loc at);

/* Text with control bytes and broken UTF-8 as '?', safe on a terminal. */
void snippet_text(FILE *to, const char *text);

#endif
