/* The codes of errors and warnings, and what is to say of each (codes.txt). A
 * message is known by its format, as translations know theirs, so that nothing
 * need be written where it is reported. Errors and warnings share the numbers:
 * E0405 is the only message of the number 405. */
#ifndef NFL_BASE_CODES_H
#define NFL_BASE_CODES_H

#include <stdio.h>

/* The number of the message with this format, or 0 if it has none. */
unsigned code_of(const char *format);

/* The number in a text like E0405, e0405 or 405, or 0 if it is none. */
unsigned code_number(const char *text);

/* Prints all that is said of a code; 0 if there is no such code. */
int code_explain(unsigned code, FILE *to);

/* Prints each code with the first of its messages. */
void code_list(FILE *to);

#endif
