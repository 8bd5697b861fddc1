#!/bin/bash
# shop-worker - asks nginx, counts in redis, once a second. It gives up when either is gone: bringing
# it back, with what it needs, is the supervisor's business.
set -eu

redis() {
	redis-cli -p "$SHOP_REDIS_PORT" "$@"
}

# nginx does not say when it listens, a moment after its exec; ten seconds are plenty.
for _ in {1..100}; do
	{ exec 3<>"/dev/tcp/127.0.0.1/$SHOP_HTTP_PORT"; } 2>/dev/null && break
	sleep 0.1
done

echo "worker: open for business"
while :; do
	exec 3<>"/dev/tcp/127.0.0.1/$SHOP_HTTP_PORT"
	printf 'GET / HTTP/1.0\r\n\r\n' >&3
	grep -q 'the shop is open' <&3
	exec 3>&-
	redis incr visits >/dev/null
	sleep 1
done
