# Everything below stdlib/ is installed to $(pkgdatadir)/stdlib, folders kept.
# C without DPDK is listed twice, as it is compiled into the runtime as well:
#   libnflflow_a_SOURCES += %D%/nf/x.c

nobase_dist_pkgdata_DATA += \
	%D%/ah.nfl \
	%D%/aliases \
	%D%/action/geneve_encap.nfl \
	%D%/action/gre_encap.nfl \
	%D%/action/gtpu_encap.nfl \
	%D%/action/reject.nfl %D%/action/vxlan_encap.nfl \
	%D%/event/flow.nfl \
	%D%/event/nf.nfl \
	%D%/event/pkt.nfl \
	%D%/event/TCP.md %D%/event/tcp.nfl \
	%D%/extern/checksum.c \
	%D%/extern/checksum.nfl \
	%D%/extern/dpi.c \
	%D%/extern/detector.nfl \
	%D%/extern/flow_log.c \
	%D%/extern/flow_log.nfl \
	%D%/extern/hmac.c \
	%D%/extern/hmac.nfl \
	%D%/extern/packet_log.c \
	%D%/extern/packet_log.nfl \
	%D%/extern/patterns.c \
	%D%/extern/patterns.nfl \
	%D%/extern/snort.c \
	%D%/extern/snort.h \
	%D%/extern/snort.nfl \
	%D%/extern/snort_buffers.c \
	%D%/extern/snort_check.c \
	%D%/extern/snort_compile.c \
	%D%/extern/snort_flow.c \
	%D%/extern/snort_header.c \
	%D%/extern/snort_http.c \
	%D%/extern/snort_inflate.c \
	%D%/extern/snort_inherit.c \
	%D%/extern/snort_judge.c \
	%D%/extern/snort_log.c \
	%D%/extern/snort_log.h \
	%D%/extern/snort_match.c \
	%D%/extern/snort_option.c \
	%D%/extern/snort_packet.c \
	%D%/extern/snort_payload.c \
	%D%/extern/snort_rate.c \
	%D%/extern/snort_read.h \
	%D%/extern/snort_rule.c \
	%D%/extern/snort_run.h \
	%D%/extern/snort_set.c \
	%D%/extern/SNORT.md \
	%D%/extern/digest.h \
	%D%/extern/http.h \
	%D%/extern/journal.c \
	%D%/extern/journal.h \
	%D%/extern/http_log.c \
	%D%/extern/http_request.c \
	%D%/extern/http_request.nfl \
	%D%/extern/tls.h \
	%D%/extern/tls_hello.c \
	%D%/extern/tls_hello.nfl \
	%D%/extern/tls_log.c \
	%D%/extern/url_filter.c \
	%D%/extern/url_filter.nfl \
	%D%/hdr/ah.nfl \
	%D%/hdr/arp.nfl \
	%D%/hdr/eth.nfl \
	%D%/hdr/geneve.nfl \
	%D%/hdr/gre.nfl \
	%D%/hdr/gtpu.nfl %D%/hdr/gue.nfl \
	%D%/hdr/icmp.nfl \
	%D%/hdr/icmp6.nfl %D%/hdr/icmp_error.nfl \
	%D%/hdr/ip.nfl \
	%D%/hdr/ip6.nfl \
	%D%/hdr/ipip.nfl \
	%D%/hdr/mpls.nfl \
	%D%/hdr/mpls_ip.nfl \
	%D%/hdr/nd.nfl \
	%D%/hdr/nsh.nfl \
	%D%/hdr/tcp.nfl \
	%D%/hdr/tcp_option.nfl \
	%D%/hdr/udp.nfl \
	%D%/hdr/vlan.nfl \
	%D%/hdr/vxlan.nfl \
	%D%/hdr/vxlan_gpe.nfl \
	%D%/maglev.nfl \
	%D%/meter.nfl \
	%D%/net.nfl \
	%D%/tcp.nfl \
	%D%/nf/NAT.md %D%/nf/WIRE.md \
	%D%/nf/ah.nfl \
	%D%/nf/check_ip_header.nfl \
	%D%/nf/dpi.nfl \
	%D%/nf/firewall.nfl \
	%D%/nf/flow_export.nfl \
	%D%/nf/flow_monitor.nfl \
	%D%/nf/flow_rate_limit.nfl \
	%D%/nf/flow_stats.nfl \
	%D%/nf/hairpin.nfl \
	%D%/nf/http_classifier.nfl \
	%D%/nf/ids.nfl \
	%D%/nf/logger.nfl \
	%D%/nf/mac_swap.nfl \
	%D%/nf/maglev.nfl %D%/nf/maglev_dsr.nfl \
	%D%/nf/maglev_quic.nfl %D%/nf/test/quic.backends \
	%D%/nf/monitor.nfl \
	%D%/nf/mss_clamp.nfl \
	%D%/nf/nat.nfl \
	%D%/nf/path_mtu.nfl %D%/nf/protocols.nfl \
	%D%/nf/rate_limit.nfl \
	%D%/nf/signature_match.nfl \
	%D%/nf/stateful_firewall.nfl \
	%D%/nf/symmetric_nat.nfl \
	%D%/nf/sql.patterns \
	%D%/nf/syn_flood.nfl \
	%D%/nf/syn_guard.nfl \
	%D%/nf/test/allowed.prefixes \
	%D%/nf/test/drained.backends \
	%D%/nf/test/firewall.acl \
	%D%/nf/test/firewall.policy \
	%D%/nf/test/firewall_open.acl \
	%D%/nf/test/firewall_open.policy \
	%D%/nf/test/four.backends \
	%D%/nf/test/nat.exempt \
	%D%/nf/test/nat.forwards \
	%D%/nf/test/nat.static \
	%D%/nf/test/sha1.key \
	%D%/nf/test/sha256.key \
	%D%/nf/test/three.backends \
	%D%/nf/test/two.paths \
	%D%/nf/test/two.patterns \
	%D%/nf/test/web.backends \
	%D%/nf/tls_info.nfl \
	%D%/nf/ttl_decrement.nfl \
	%D%/nf/url_counter.nfl \
	%D%/nf/validate_url.nfl \
	%D%/nf/vxlan_gateway.nfl \
	%D%/nf/vlan_port.nfl \
	%D%/nf/wire.nfl \
	%D%/prelude.nfl \
	%D%/test/hairpin.forwards \
	%D%/test/hairpin.outside \
	%D%/test/hairpin.static \
	%D%/test/on_flow_monitor.nfl \
	%D%/test/on_geneve.nfl \
	%D%/test/on_gtpu.nfl \
	%D%/test/on_hairpin.nfl \
	%D%/test/on_inline.nfl %D%/test/on_unacked.nfl \
	%D%/test/on_http_classifier.nfl \
	%D%/test/on_headers.nfl %D%/test/on_maglev.nfl \
	%D%/test/on_reject.nfl %D%/test/on_signature_match.nfl \
	%D%/test/first.rules %D%/test/scan.rules %D%/test/second.rules \
	%D%/test/web.rules %D%/test/web.backends \
	%D%/test/on_nsh.nfl \
	%D%/test/on_queue.nfl \
	%D%/test/on_state.nfl \
	%D%/test/on_tcp.nfl %D%/test/on_tcp_anomalies.nfl \
	%D%/test/on_tunnels.nfl %D%/test/on_wire.nfl \
	%D%/type/acl.c \
	%D%/type/acl.h \
	%D%/type/acl.nfl \
	%D%/type/acl_dpdk.c \
	%D%/type/acl_scan.c \
	%D%/type/count_min.c \
	%D%/type/hyperloglog.c \
	%D%/type/maglev.c \
	%D%/type/maglev.nfl \
	%D%/type/meter.c \
	%D%/type/meter.nfl \
	%D%/type/policy.nfl \
	%D%/type/pool.c \
	%D%/type/pool.nfl \
	%D%/type/queue.c \
	%D%/type/queue.nfl \
	%D%/type/rows.c \
	%D%/type/sketch.h \
	%D%/type/sketch.nfl \
	%D%/type/topk.c

# acl.c stands with its index: libraries refer only to those behind them.
libnflflow_a_SOURCES += %D%/type/pool.c %D%/type/maglev.c \
	%D%/type/meter.c %D%/type/count_min.c %D%/type/hyperloglog.c \
	%D%/type/topk.c %D%/type/sketch.h %D%/type/rows.c %D%/type/queue.c
libnfldpdk_a_SOURCES += %D%/type/acl.c %D%/type/acl.h %D%/type/acl_dpdk.c
libnflheap_a_SOURCES += %D%/type/acl.c %D%/type/acl.h %D%/type/acl_scan.c
