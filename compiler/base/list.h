/* Singly linked lists in the order of insertion. A list is {first, last} of a
 * struct whose link field is called `next`; VLA-free and type-checked. */
#ifndef NFL_BASE_LIST_H
#define NFL_BASE_LIST_H

#include <stddef.h>

#define LIST(type)                                                             \
    struct {                                                                   \
        type *first, *last;                                                    \
        unsigned n;                                                            \
    }

#define LIST_ADD(list, item)                                                   \
    do {                                                                       \
        (item)->next = NULL;                                                   \
        if ((list)->last)                                                      \
            (list)->last->next = (item);                                       \
        else                                                                   \
            (list)->first = (item);                                            \
        (list)->last = (item);                                                 \
        (list)->n++;                                                           \
    } while (0)

#define LIST_CLEAR(list) ((list)->first = (list)->last = NULL, (list)->n = 0)

#define LIST_EACH(item, list)                                                  \
    for ((item) = (list)->first; (item); (item) = (item)->next)

#endif
