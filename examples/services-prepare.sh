#!/bin/sh
# Prepares what examples/services.conf runs; each step only where it has not been done.
set -eu

mkdir -p "$SERVICES_DIR/redis" "$SERVICES_DIR/pg"

cat >"$SERVICES_DIR/mosquitto.conf" <<END
listener $SERVICES_MQTT_PORT 127.0.0.1
allow_anonymous true
persistence false
user $(id -un)
END

cat >"$SERVICES_DIR/haproxy.cfg" <<END
global
    maxconn 200
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend web
    bind 127.0.0.1:$SERVICES_HTTP_PORT
    http-request return status 200 content-type text/plain string "at your service"
END

if [ ! -e "$SERVICES_DIR/pg/PG_VERSION" ]; then
    set -- "$SERVICES_PG/initdb" -D "$SERVICES_DIR/pg" -U "$SERVICES_USER" --auth=trust \
        --encoding=UTF8 --no-locale --no-sync --no-instructions
    # PostgreSQL refuses to run as root.
    if [ "$(id -u)" -eq 0 ]; then
        chown "$SERVICES_USER" "$SERVICES_DIR/pg"
        set -- setpriv --reuid "$SERVICES_USER" --regid "$(id -g "$SERVICES_USER")" \
            --clear-groups "$@"
    fi
    "$@" >/dev/null
fi
