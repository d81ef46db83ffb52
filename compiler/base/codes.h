/* The codes of errors, and what is to say of each (codes.txt). A message is
 * known by its format, as translations know theirs, so that nothing need be
 * written where it is reported. */
#ifndef NFL_BASE_CODES_H
#define NFL_BASE_CODES_H

#include <stdio.h>

/* The number of the error with this format, or 0 if it has none. */
unsigned code_of(const char *format);

/* The number in a text like E0405 or e0405, or 0 if it is none. */
unsigned code_number(const char *text);

/* Prints all that is said of an error; 0 if there is no such code. */
int code_explain(unsigned code, FILE *to);

/* Prints each code with the first of its messages. */
void code_list(FILE *to);

#endif
