/* One line per recogniser, strongest evidence first. No guard: included for several meanings. */
WIRE_PROTO(ssh)
WIRE_PROTO(tls)
WIRE_PROTO(http2)
WIRE_PROTO(sslv2)
WIRE_PROTO(http)
WIRE_PROTO(quic)
