#!/bin/sh
# shop-prepare - the shop's directory, and nginx's configuration in it.
set -eu

mkdir -p "$SHOP_DIR/temp"
sed "s/@HTTP_PORT@/$SHOP_HTTP_PORT/" "$SHOP_EXAMPLES/shop-nginx.conf" >"$SHOP_DIR/nginx.conf"
