/* The rights of the process: until its ports are open those of who starts it,
 * then those of --user, and of the capabilities only what is still needed. No
 * program that it might become ever has more. */
#ifndef NFL_CTL_RIGHTS_H
#define NFL_CTL_RIGHTS_H

#include <nfl/options.h>

/* The first: finds the user, and gives up what nothing needs. Each of these is
 * false after a line that says what is wrong. */
bool nfl_rights_begin(const struct nfl_options *o);

/* Between these two, in the only thread there is, files are opened as the
 * user: what can be written now can be written in the end, too. */
bool nfl_rights_lend(void);
bool nfl_rights_return(void);

/* The ports are open: in all threads, for good. Once is enough. */
bool nfl_rights_drop(const struct nfl_options *o);

/* In a process made for something else, between nfl_rights_begin and all that
 * follows: for good it is the user of --user, or nobody instead of root, with
 * no capability. NULL, or why it cannot be. */
const char *nfl_rights_shed(void);

/* The user and the group of --user, else those of the process. */
unsigned nfl_rights_uid(void);
unsigned nfl_rights_gid(void);

#endif
