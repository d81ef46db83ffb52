/* Where a rule stands, and how the parser goes on after an error. Only for
 * parse.y: these use what bison declares inside of its parser. */
#ifndef NFL_FRONT_RECOVER_H
#define NFL_FRONT_RECOVER_H

#define YYLLOC_DEFAULT(cur, rhs, n)                                            \
    do {                                                                       \
        if (n) {                                                               \
            (cur) = loc_span(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n));              \
        } else {                                                               \
            (cur) = YYRHSLOC(rhs, 0);                                          \
            (cur).off += (cur).len;                                            \
            (cur).len = 0;                                                     \
        }                                                                      \
    } while (0)

/* In `item: error`. The scanner stopped at an NL, at the `stop` of the list
 * or at the end. Anything else is what was wrong; it is dropped, and so is a
 * token that was here before: no endless loop. */
#define RESYNC(stop)                                                           \
    do {                                                                       \
        if (yychar == T_YYEOF)                                                 \
            break;                                                             \
        if ((yychar != T_NL && yychar != (stop)) ||                            \
            p->resynced == p->scan.count)                                      \
            yyclearin;                                                         \
        p->resynced = p->scan.count;                                           \
        yyerrok;                                                               \
    } while (0)

#endif
