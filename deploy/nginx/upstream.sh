#!/bin/sh
# Takes a server out of nginx's hands, or puts it back:
#
#   upstream.sh down 127.0.0.1:8001
#   upstream.sh up   127.0.0.1:8001
#
# nginx learns that a server is about to stop from nobody but its operator: the free edition asks no readiness. A reload loses
# nothing. SERVERS names another list, NGINX another way to call nginx.
set -eu

servers=${SERVERS:-/etc/nginx/drawbridge-servers.conf}
nginx=${NGINX:-nginx}

if [ $# -ne 2 ]; then
    echo "usage: upstream.sh up|down HOST:PORT" >&2
    exit 64
fi
case $1 in
    down) state=" down" ;;
    up) state="" ;;
    *) echo "usage: upstream.sh up|down HOST:PORT" >&2; exit 64 ;;
esac
# As it stands in a pattern of sed.
name=$(printf '%s' "$2" | sed 's/[][\.*^$/]/\\&/g')
if ! grep -q "^server $name[ ;]" "$servers"; then
    echo "upstream.sh: $servers has no server $2" >&2
    exit 1
fi
if [ "$1" = down ] && ! grep -v "^server $name[ ;]" "$servers" | grep '^server ' | grep -qv ' down;'; then
    echo "upstream.sh: $2 is the last server that is up" >&2
    exit 1
fi

before=$(mktemp)
trap 'rm -f "$before"' EXIT
cp "$servers" "$before"
sed -i "s/^server $name\( down\)\{0,1\};/server $2$state;/" "$servers"
if ! $nginx -t -q; then
    cp "$before" "$servers"
    exit 1
fi
$nginx -s reload
