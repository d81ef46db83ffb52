/* What generated code is made of: reading and writing bits, the headers of a
 * packet, its way past the NFs, checksums. Only generated code includes this,
 * after it has defined NFLG_HEADERS, the number of headers of the program. It
 * touches no thread-local variable and nothing of DPDK.
 *
 * Numbers of up to 32 bits are computed as uint32_t, up to 64 as uint64_t,
 * wider ones as nfl_u128, and always lie within their width. */
#ifndef NFL_GEN_H
#define NFL_GEN_H

#include <nfl/ctx.h>
#include <nfl/extern.h>
#include <nfl/order.h>
#include <nfl/report.h>
#include <nfl/rows.h>
#include <nfl/trace.h>
#include <string.h>

/* NFLG_EDITS: the program adds or removes headers. */
#ifndef NFLG_HEADERS
#error "generated code defines NFLG_HEADERS"
#endif

#ifndef NFLG_CPU
#define NFLG_CPU "" /* -DNFLG_CPU='"x86-64-v3"': what it is compiled for */
#endif

/* NFLG_NO_INLINE: only the meaning is tested, or by sanitizers; that compiles
 * in a third of the time. */
#ifdef NFLG_NO_INLINE
#define NFLG_FN static __attribute__((unused))
#else
#define NFLG_FN static inline __attribute__((always_inline, unused))
#endif
#define NFLG_SLOW static __attribute__((noinline, unused))
#define NFLG_COLD static __attribute__((noinline, cold, unused))

/* Who calls it saves no registers: what is on the way to it costs nothing. */
#if defined(__clang__) && (defined(__x86_64__) || defined(__aarch64__))
#define NFLG_ASIDE NFLG_COLD __attribute__((preserve_most))
#else
#define NFLG_ASIDE NFLG_COLD
#endif

#define NFLG_U128(hi, lo) ((nfl_u128)(hi) << 64 | (lo))

#include <nfl/gen_bits.h>
#include <nfl/gen_head.h>
#include <nfl/gen_chain.h>
#ifdef NFLG_EDITS
#include <nfl/gen_edit.h>
#endif
#include <nfl/gen_event.h>
#include <nfl/gen_sum.h>
#include <nfl/gen_fast.h>
#include <nfl/gen_table.h>
#include <nfl/gen_type.h>
#include <nfl/gen_bytes.h>
#include <nfl/gen_tcp.h>
#ifdef NFLG_EDITS
#include <nfl/gen_make.h>
#endif
#include <nfl/gen_wait.h>
#include <nfl/gen_inline.h>
#include <nfl/gen_extern.h>
#include <nfl/gen_cpu.h>

#endif
