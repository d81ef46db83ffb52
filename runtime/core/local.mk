# libnflcore_a_SOURCES += %D%/x.c %D%/x.h (no DPDK)
libnflcore_a_SOURCES += \
	%D%/acl_place.c %D%/acl_place.h %D%/acl_shadow.c %D%/acl_text.c \
	%D%/backend_text.c \
	%D%/capture_in.c \
	%D%/capture_out.c \
	%D%/config.c \
	%D%/config_text.c %D%/config_text.h \
	%D%/cores.c \
	%D%/extern.c \
	%D%/fail.c %D%/fail.h \
	%D%/fit.c %D%/fit.h %D%/cpu_set.def \
	%D%/grid.c %D%/grid.h \
	%D%/health_spec.c \
	%D%/help.c \
	%D%/host.c %D%/host.h %D%/host_memory.c %D%/host_pci.c \
	%D%/host_port.c %D%/host_print.c \
	%D%/lines.c %D%/lines.h \
	%D%/measure.c %D%/measure.h %D%/measure_print.c \
	%D%/memtext.c %D%/memtext.h \
	%D%/merge.c \
	%D%/options.c \
	%D%/options_file.c \
	%D%/optargs.h \
	%D%/outfile.c %D%/outfile.h \
	%D%/pcapng.c %D%/pcapng.h \
	%D%/port_spec.c \
	%D%/report.c \
	%D%/report_counted.c \
	%D%/report_top.c \
	%D%/report_text.c \
	%D%/rows_text.c \
	%D%/state.c \
	%D%/trace.c %D%/trace_merge.c \
	%D%/words.c
