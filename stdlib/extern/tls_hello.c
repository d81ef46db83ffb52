/* tls_client(), tls_server(): what hellos of TLS say, as numbers. */
#include "tls.h"

bool nfx_tls_client(const uint8_t *bytes, uint32_t bytes_len,
                    uint16_t *result_0, uint64_t *result_1, uint64_t *result_2,
                    uint64_t *result_3)
{
    struct tls_hello h;
    enum tls_state s = tls_read(bytes, bytes_len, TLS_CLIENT, &h);
    uint64_t ja3[2] = {0, 0};

    if (s == TLS_MORE)
        return false;
    if (s == TLS_GOOD)
        tls_ja3(&h, true, ja3);
    *result_0 = s == TLS_GOOD ? h.highest : 0;
    *result_1 = s == TLS_GOOD ? tls_name_hash(&h) : 0;
    *result_2 = ja3[0];
    *result_3 = ja3[1];
    return true;
}

bool nfx_tls_server(const uint8_t *bytes, uint32_t bytes_len,
                    uint16_t *result_0, uint16_t *result_1, uint64_t *result_2,
                    uint64_t *result_3)
{
    struct tls_hello h;
    enum tls_state s = tls_read(bytes, bytes_len, TLS_SERVER, &h);
    uint64_t ja3s[2] = {0, 0};

    if (s == TLS_MORE)
        return false;
    if (s == TLS_GOOD)
        tls_ja3(&h, false, ja3s);
    *result_0 = s == TLS_GOOD ? h.highest : 0;
    *result_1 = s == TLS_GOOD ? h.cipher : 0;
    *result_2 = ja3s[0];
    *result_3 = ja3s[1];
    return true;
}
