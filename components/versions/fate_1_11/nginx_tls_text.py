"""What the router's texts gain with mutual TLS, and the text of nginx in front of a server that has no router.

nginx reads its own certificate and key as root before its workers become somebody else. A connection always shows its
certificate: a session that could be resumed would outlive the admission of whoever began it.
"""

_SHOWN = """\
    ssl_certificate @CERTIFICATE@;
    ssl_certificate_key @KEY@;
    ssl_client_certificate @ROUTES@/@ANCHORS@;
    ssl_verify_client on;
    ssl_verify_depth 1;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache off;
    ssl_session_tickets off;
"""
_DIALLING = "".join(
    f"    {protocol}_ssl_{line};\n"
    for protocol in ("proxy", "grpc")
    for line in (
        "certificate @CERTIFICATE@",
        "certificate_key @KEY@",
        "trusted_certificate @ROUTES@/@ANCHORS@",
        "verify on",
        "verify_depth 1",
        "server_name on",
        "name $fate_name",
        "protocols TLSv1.2 TLSv1.3",
        "session_reuse off",
    )
)
# Old workers go on with what they carry after a reload; a broker's connection, which never ends by itself, may be cut.
MAIN = "worker_shutdown_timeout 10m;\n"
HTTP = f"""
{_SHOWN}{_DIALLING}
    map $http_dest_party_id $fate_name {{
        include @ROUTES@/server-names.map;
    }}
    map $fate_name $fate_s {{
        "" "";
        default s;
    }}
    map "$https$http_dest_party_id" $fate_stray {{
        @STRAYS@
    }}
"""
# Only what a stranger may not ask of a party: its own name would vouch for whoever asked.
STRAYS = '"~^on(?!@PARTY@$)" yes;'
NO_STRAYS = 'default "";'
_NOT_ADMITTED = "@OWNER@ does not admit this certificate: $ssl_client_verify"
_STRAYED = "@OWNER@ takes nothing from other sites that is not for itself"
HTTP_SERVER = f"""
        listen @HTTP_TLS@ ssl;
        error_page 495 496 @not_admitted;
        location @not_admitted {{
            return 400 '{{"retcode":104,"retmsg":"{_NOT_ADMITTED}"}}\\n';
        }}
        if ($fate_stray) {{
            return 403 '{{"retcode":104,"retmsg":"{_STRAYED}"}}\\n';
        }}"""
_GRPC_NOT_ADMITTED = f"""
        error_page 495 496 = @not_admitted;
        location @not_admitted {{
            default_type application/grpc;
            add_header grpc-status 16;
            add_header grpc-message "{_NOT_ADMITTED}";
            return 200 "";
        }}"""
GRPC_SERVER = f"""
        listen @GRPC_TLS@ ssl http2;{_GRPC_NOT_ADMITTED}"""
GRPC_STRAYED = f"""
            if ($fate_stray) {{
                add_header grpc-status 7;
                add_header grpc-message "{_STRAYED}";
                return 200 "";
            }}"""
_INSIDE = """\
    map $server_port $fate_inside_route {
        include @ROUTES@/inside.conf;
    }
    map $fate_inside_route $fate_inside {
        default $fate_inside_route;
        include @RUN@/names.conf;
    }
"""
STREAM = f"""
stream {{
    include @RUN@/resolver.conf;
    log_format fate '$time_iso8601 $remote_addr "$ssl_client_s_dn" $ssl_client_verify via "$upstream_addr" '
                    '$status $bytes_sent/$bytes_received ${{session_time}}s';
    access_log /dev/stdout fate;
    map_hash_bucket_size 512;

{_SHOWN}
{_INSIDE}
    server {{
        listen @BROKER@ ssl so_keepalive=on;
        proxy_connect_timeout 10s;
        proxy_timeout 1h;
        proxy_pass $fate_inside;
    }}
}}
"""
# Streams of rollsite last as long as the slower of two parties computes, and a job has many of them at once.
FRONT = f"""\
user nginx;
worker_processes 2;
pid /run/nginx.pid;
error_log /dev/stderr warn;
{MAIN}
events {{
    worker_connections 4096;
}}

http {{
    include @RUN@/resolver.conf;
    log_format fate '$time_iso8601 $remote_addr "$ssl_client_s_dn" $ssl_client_verify via "$upstream_addr" '
                    '"$request" $status $body_bytes_sent ${{request_time}}s';
    access_log /dev/stdout fate;
    server_tokens off;
    client_max_body_size 0;
    client_body_timeout 1h;
    map_hash_bucket_size 512;

{_SHOWN}
{_INSIDE}
    server {{
        listen @FRONT@ ssl http2;{_GRPC_NOT_ADMITTED}
        http2_max_concurrent_streams 65536;
        error_page 502 504 = @unreachable;
        location / {{
            grpc_pass grpc://$fate_inside;
            grpc_connect_timeout 10s;
            grpc_send_timeout 1h;
            grpc_read_timeout 1h;
        }}
        location @unreachable {{
            default_type application/grpc;
            add_header grpc-status 14;
            add_header grpc-message "@OWNER@ gets no answer from $fate_inside";
            return 200 "";
        }}
    }}

    server {{
        listen @HEALTH@;
        access_log off;
        location = /test {{
            default_type text/plain;
            return 200 "ok\\n";
        }}
    }}
}}
"""

RELOADING = r"""workers() {
    local stat pid parent
    for stat in /proc/[0-9]*/stat; do
        { read -r pid _ _ parent _ < "$stat"; } 2> /dev/null && [ "$parent" = "$1" ] && echo "$pid"
    done
}

anchors() {
    tr -d ' \r\n' < "$1" | sed 's/-----BEGIN/\n&/g'
}

trusted="$(anchors "$live/@ANCHORS@")"
reload() {
    local anchor old new="$(anchors "$live/@ANCHORS@")"
    for anchor in $trusted; do
        case "$new" in
            *"$anchor"*) ;;
            *) old="$(workers "$server")" ;;
        esac
    done
    trusted="$new"
    kill -HUP "$server"
    if [ -n "$old" ]; then
        echo "somebody is admitted no more: what is still open ends in 30 seconds" >&2
        { sleep 30; kill -TERM $old 2> /dev/null; } &
    fi
}

"""
"""How the start script reloads where certificates are shown: connections of whoever is admitted no more must end, and
nobody knows which those are, so all that are still open after half a minute do."""
