"""The texts of the router: nginx's configuration, with marks for what differs, and the script that starts it.

A mark that stands at the end of a line is nothing where the router speaks plain text.
"""

# The official image has the stream module built in; distributions ship it as a file that this loads.
MODULES = "include /etc/nginx/modules-enabled/*.conf;\n"
# Patience: FATE-Flow gives up by itself (remote_request_timeout, 30 s unless the user changes it), so the router only
# has to wait longer than anybody sets that. Bodies are not limited, because models travel this way.
HTTP = r"""user nginx;
worker_processes 2;
pid /run/nginx.pid;
error_log /dev/stderr warn;

events {
    worker_connections 4096;
}

http {
    include @RUN@/resolver.conf;
    default_type application/json;
    log_format fate '$time_iso8601 $remote_addr to "$http_dest_party_id" via "$upstream_addr" '
                    '"$request" $status $body_bytes_sent ${request_time}s';
    access_log /dev/stdout fate;
    underscores_in_headers on;
    server_tokens off;
    client_max_body_size 0;
    client_body_timeout 600s;
    map_hash_bucket_size 512;
    variables_hash_bucket_size 128;

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Fate-Route "$http_fate_route,@OWNER@";
    proxy_connect_timeout 10s;
    proxy_send_timeout 600s;
    proxy_read_timeout 600s;
    grpc_set_header Fate-Route "$http_fate_route,@OWNER@";
    grpc_connect_timeout 10s;
    grpc_send_timeout 600s;
    grpc_read_timeout 600s;

    map $http_dest_party_id $fate_http_route {
        include @ROUTES@/http.conf;
    }
    map $http_dest_party_id $fate_grpc_route {
        include @ROUTES@/grpc.conf;
    }
    map $fate_http_route $fate_http {
        default $fate_http_route;
        include @RUN@/names.conf;
    }
    map $fate_grpc_route $fate_grpc {
        default $fate_grpc_route;
        include @RUN@/names.conf;
    }
    map $http_fate_route $fate_circle {
        "~(^|,)@OWNER_RE@(,|$)" yes;
    }
    map $http_dest_party_id $fate_unrouted {
        "~^(?<fate_number>[0-9]{1,20})$" "@OWNER@ has no route to party $fate_number: link the two parties";
        default "@OWNER@ sends on what has a party's number in its header dest-party-id; this message has none";
    }
    map $http_dest_party_id $fate_dead {
        "~^(?<fate_asked>[0-9]{1,20})$" "@OWNER@ gets no answer for party $fate_asked";
        default "@OWNER@ gets no answer";
    }
    map $fate_circle $fate_refusal {
        yes "@OWNER@ has sent this message on before: the routes go round in a circle";
        default $fate_unrouted;
    }
@SECURE@
    server {
        listen @HTTP@;@SECURE_HTTP@
        error_page 502 504 @unreachable;
        location / {
            if ($fate_circle) {
                return 200 '{"retcode":104,"retmsg":"$fate_refusal"}\n';
            }
            if ($fate_http = "") {
                return 200 '{"retcode":104,"retmsg":"$fate_refusal"}\n';
            }
            proxy_pass http@S@://$fate_http;
        }
        location @unreachable {
            return 502 '{"retcode":105,"retmsg":"$fate_dead from $fate_http"}\n';
        }
    }

    server {
        listen @GRPC@ http2;@SECURE_GRPC@
        error_page 502 504 = @unreachable;
        location / {
            default_type application/grpc;@STRAYED@
            if ($fate_circle) {
                add_header grpc-status 9;
                add_header grpc-message "$fate_refusal";
                return 200 "";
            }
            if ($fate_grpc = "") {
                add_header grpc-status 5;
                add_header grpc-message "$fate_refusal";
                return 200 "";
            }
            grpc_pass grpc@S@://$fate_grpc;
        }
        location @unreachable {
            default_type application/grpc;
            add_header grpc-status 14;
            add_header grpc-message "$fate_dead from $fate_grpc";
            return 200 "";
        }
    }

    server {
        listen @HEALTH@;
        access_log off;
        location = /test {
            default_type text/plain;
            return 200 "ok\n";
        }
    }
}
"""

# Only whole names, never wildcards: a client that asks for another name gets no connection.
STREAM = r"""
stream {
    include @RUN@/resolver.conf;
    log_format fate '$time_iso8601 $remote_addr to "$ssl_preread_server_name" via "$upstream_addr" '
                    '$status $bytes_sent/$bytes_received ${session_time}s';
    access_log /dev/stdout fate;
    map_hash_bucket_size 512;

    map $ssl_preread_server_name $fate_broker_route {
        include @ROUTES@/brokers.conf;
    }
    map $fate_broker_route $fate_broker {
        default $fate_broker_route;
        include @RUN@/names.conf;
    }

    server {
        listen @BROKERS@;
        ssl_preread on;
        proxy_connect_timeout 10s;
        proxy_timeout 1h;
        proxy_pass $fate_broker;
    }
}
"""

# nginx asks name servers itself and knows no search list, so a name is given to it as the system's own resolver
# completes it; one that is not there yet (fateflow, which starts later) is tried again, ever less often. On a stop
# nginx may finish what it carries for five seconds, which a broker's connection would never do. Looking starts no
# process: every router does it all the time.
COMMAND = r"""
live="$1" run="$2"
mkdir -p "$run" || exit 1
export RES_OPTIONS="timeout:2 attempts:1"

ndots=1 domains=
resolver() {
    local word rest each servers=
    while read -r word rest || [ -n "$word" ]; do
        case "$word" in
            nameserver)
                rest="${rest%%[[:space:]]*}"
                case "$rest" in *:*) rest="[${rest%%\%*}]" ;; esac
                servers="$servers $rest"
                ;;
            search) domains="$rest" ;;
            options) for each in $rest; do case "$each" in ndots:[0-9]*) ndots="${each#ndots:}" ;; esac; done ;;
        esac
    done < /etc/resolv.conf
    if [ -z "$servers" ]; then echo "/etc/resolv.conf names no name server" >&2; return 1; fi
    echo "resolver$servers valid=5s;"
}

declare -A completed
complete() {
    local dots="${1//[^.]/}" each order
    if [ "${#dots}" -ge "$ndots" ]; then order=". $domains"; else order="$domains ."; fi
    for each in $order; do
        each="$1.${each%.}"
        if getent ahosts "${each%.}." > /dev/null; then completed[$1]="${each%.}"; return; fi
    done
    missing=yes
}

names() {
    local line target host
    while IFS= read -r line; do
        [[ $line =~ ^.*\ \"(.*)\"\;$ ]] || continue
        target="${BASH_REMATCH[1]}"
        host="${target%:*}"
        [ -z "${seen[$target]}" ] || continue
        seen[$target]=yes
        case "$host" in *.|\[*) continue ;; *[!0-9.]*) ;; *) continue ;; esac
        if [ -z "${completed[$host]}" ] && [ "$asking" = yes ]; then complete "$host"; fi
        [ "${completed[$host]:-$host}" = "$host" ] || mapped+="\"$target\" \"${completed[$host]}:${target##*:}\";"$'\n'
    done
}

look() {
    local file text
    local -A seen=()
    found= mapped= missing= asking="$1"
    for file in "$live"/@ALL@; do
        IFS= read -r -d '' text < "$file"
        found+="$text"
        case "$file" in *.conf) names <<< "$text" ;; esac
    done
}

stop() {
    trap - TERM INT QUIT
    kill -QUIT "$server"
    for _ in {1..10}; do kill -0 "$server" 2> /dev/null || exit 0; sleep 0.5; done
    kill -TERM "$server"
    wait "$server"
    exit 0
}

@RELOADING@resolver > "$run/resolver.conf" || exit 1
server= before= known= pause=0 patience=0
while :; do
    look
    if [ "$found" != "$known" ] || ((pause-- <= 0)); then
        look yes
        ((patience = ${#missing} ? patience + (patience < 8) : 0, pause = patience))
    fi
    if [ -z "$server" ] || [ "$found$mapped" != "$before" ]; then
        printf '%s' "$mapped" > "$run/names.new"
        mv "$run/names.new" "$run/names.conf"
        if [ -n "$server" ]; then
            echo "the routes have changed" >&2
            @RELOAD@
        else
            nginx -g "daemon off;" &
            server=$!
            trap stop TERM INT QUIT
        fi
    fi
    before="$found$mapped" known="$found"
    sleep 2 &
    wait -n
    if ! kill -0 "$server" 2> /dev/null; then wait "$server"; exit; fi
done
"""
